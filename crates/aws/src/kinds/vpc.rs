//! `vpc`: placeholder target.
use landfall_model::types::Target;
/// `vpc`.
pub enum Vpc {}
impl Target for Vpc {
    const KIND: &'static str = "vpc";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "vpc-";
}
