//! `subnet`: placeholder target.
use landfall_model::types::Target;
/// `subnet`.
pub enum Subnet {}
impl Target for Subnet {
    const KIND: &'static str = "subnet";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "subnet-";
}
