//! `iam_role`: placeholder target.
use landfall_model::types::Target;
/// `iam_role`.
pub enum IamRole {}
impl Target for IamRole {
    const KIND: &'static str = "iam_role";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}
