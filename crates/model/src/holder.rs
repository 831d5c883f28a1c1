//! Who holds on to a thing that is to go.

use std::fmt;

/// What becomes of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going {
    /// AWS takes it away by itself.
    ByItself,
    /// It is the same stack's, which takes it away in its turn.
    InTurn,
    /// AWS does not tell whether it goes.
    Unknown,
    /// It stays until somebody takes it away.
    Not,
}

/// Something under which AWS does not let a thing be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What it is and whose: `eni-0a1 of the load balancer web`.
    pub what: String,
    /// What becomes of it.
    pub going: Going,
    /// A command that shows it.
    pub show: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match self.going {
            Going::ByItself => f.write_str(", which AWS takes away by itself"),
            Going::InTurn => f.write_str(", which is this stack's and goes in its turn"),
            Going::Unknown | Going::Not => Ok(()),
        }
    }
}
