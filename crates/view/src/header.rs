//! Where a run works: shown above every plan, so that nobody changes the wrong account.

use crate::fit;
use crate::style::Style;

/// Where a run works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The stack's name.
    pub stack: String,
    /// The account's twelve digits.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// The endpoint, where it is not AWS itself.
    pub endpoint: Option<String>,
}

/// `shop · account 123456789012 · us-east-1 · at http://127.0.0.1:5000`
pub(crate) fn lines(header: &Header, style: &Style) -> Vec<String> {
    let paint = style.paint();
    let mut line = paint.name(&header.stack);
    line += &paint.dim(format!(" · account {} · {}", header.account, header.region));
    let Some(endpoint) = &header.endpoint else { return vec![line] };
    let endpoint = format!("at {endpoint}");
    let dot = paint.dim(" · ");
    match fit::width(&line) + 3 + fit::width(&endpoint) <= style.columns() {
        true => vec![line + &dot + &endpoint],
        false => vec![line, endpoint],
    }
}
