//! What is wrong with a spec, and where.

use crate::{Address, Path};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; nothing stops.
    Warning,
    /// Nothing is done until it is mended.
    Error,
}

/// Where a finding points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A stretch of a source file, in bytes.
    Source {
        /// Which of the loaded files, by its name as shown to the user.
        file: String,
        /// First byte.
        start: usize,
        /// The byte behind the last.
        end: usize,
    },
    /// A field of a resource, to be turned into a place in the source by whoever has it.
    Field(Address, Path),
    /// The spec as a whole, or the world outside it.
    Nowhere,
}

/// Something wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is wrong: one sentence, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Finding {
    /// An error somewhere.
    pub fn error(place: Place, message: impl Into<String>) -> Finding {
        Finding { severity: Severity::Error, place, message: message.into(), help: None }
    }

    /// An error in a field of the resource being checked. The address is filled in by the caller
    /// of the check (see [`Finding::of`]).
    pub fn field(path: &str, message: impl Into<String>) -> Finding {
        Finding::error(Place::Field(Address::new("", ""), Path::parse(path)), message)
    }

    /// The same as a warning.
    pub fn warning(mut self) -> Finding {
        self.severity = Severity::Warning;
        self
    }

    /// The same with advice.
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// The same as a finding of this resource, where the check did not know whose it was.
    pub fn of(mut self, address: &Address) -> Finding {
        if let Place::Field(at, _) = &mut self.place
            && at.kind.is_empty()
        {
            *at = address.clone();
        }
        self
    }
}
