//! Transforms of rules: how a request is rewritten.

use serde::{Deserialize, Serialize};

use super::super::constraint::{invalid, one_of};
use crate::refused::Refused;

/// How a request is rewritten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Transform {
    #[serde(rename = "Type")]
    sort: String,
    #[serde(default)]
    host_header_rewrite_config: Option<Rewrites>,
    #[serde(default)]
    url_rewrite_config: Option<Rewrites>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct Rewrites {
    rewrites: Vec<Rewrite>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Rewrite {
    regex: String,
    replace: String,
}

/// ELB API, RuleTransform: one of each type, with one rewrite.
pub(super) fn accept(transforms: Vec<Transform>) -> Result<Vec<Transform>, Refused> {
    for transform in &transforms {
        let Transform { sort, host_header_rewrite_config: host, url_rewrite_config: url } =
            transform;
        one_of("transforms.member.type", sort, &["host-header-rewrite", "url-rewrite"])?;
        let (own, other) = if sort == "url-rewrite" { (url, host) } else { (host, url) };
        if own.as_ref().is_none_or(|own| own.rewrites.len() != 1) || other.is_some() {
            let message = format!("A transform of type '{sort}' must have one rewrite of its own");
            return Err(invalid(message));
        }
        if transforms.iter().filter(|other| other.sort == *sort).count() > 1 {
            return Err(invalid(format!("A rule can only have one '{sort}' transform")));
        }
    }
    Ok(transforms)
}
