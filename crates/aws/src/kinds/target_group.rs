//! `target_group`: placeholder target.
use landfall_model::types::Target;
/// `target_group`.
pub enum TargetGroup {}
impl Target for TargetGroup {
    const KIND: &'static str = "target_group";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}
