//! What a stack leaves behind that no kind of its spec stands for.

/// Something that is still there though the stack is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// What it is: `log group /aws/ecs/containerinsights/shop/performance`.
    pub what: String,
    /// Why it is there.
    pub why: String,
    /// What it costs while it exists.
    pub cost: Option<String>,
    /// The command that takes it away.
    pub remove: Option<String>,
}
