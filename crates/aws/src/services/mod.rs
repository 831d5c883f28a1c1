//! What the kinds of one AWS service share: tags and batched reads.

pub mod discovery;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod policies;
