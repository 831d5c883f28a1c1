//! Resource kinds, one file each. A kind becomes known by its line in [`crate::registry`].

pub mod ecr_repository;
pub mod ecs_cluster;
pub mod ecs_service;
pub mod iam_policy;
pub mod iam_role;
pub mod internet_gateway;
pub mod listener;
pub mod load_balancer;
pub mod log_group;
pub mod route_table;
pub mod security_group;
pub mod subnet;
pub mod target_group;
pub mod task_definition;
pub mod vpc;
