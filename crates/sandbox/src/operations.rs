//! The operations of a service, as a table.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::protocol::Dialect;
use crate::refused::Refused;
use crate::world::Site;

/// What an operation answers: the members of its output, or a refusal. `null` is no output at all;
/// members that are `null` are not written.
pub type Answer = Result<Value, Refused>;

/// An operation that reads its own input.
pub type Operation = fn(&mut Site<'_>, &Dialect, &Value) -> Answer;

/// Gives an operation its typed input.
pub fn with_input<I: DeserializeOwned>(
    site: &mut Site<'_>,
    dialect: &Dialect,
    input: &Value,
    operation: fn(&mut Site<'_>, I) -> Answer,
) -> Answer {
    let input = dialect.fit(input)?;
    operation(site, input)
}

/// Whether an operation only reads.
pub fn is_read(operation: &str) -> bool {
    ["Describe", "Get", "List", "BatchGet", "BatchCheck", "Filter", "Simulate"]
        .iter()
        .any(|verb| operation.starts_with(verb))
}

/// The operations of a service: `operations! { CreateVpc => vpc::create, … }`.
macro_rules! operations {
    ($($name:ident => $operation:path,)*) => {
        &[$((
            stringify!($name),
            |site, dialect, input| {
                $crate::operations::with_input(site, dialect, input, $operation)
            },
        )),*]
    };
}
pub(crate) use operations;
