//! Resource kinds, one file each. A kind becomes known by its line in [`crate::registry`].

pub mod ecr_repository;
pub mod iam_policy;
pub mod iam_role;
pub mod log_group;
pub mod security_group;
pub mod vpc;
