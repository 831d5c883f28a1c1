//! AWS: clients, errors, tags and one file per resource kind. The only crate with the AWS SDK.
