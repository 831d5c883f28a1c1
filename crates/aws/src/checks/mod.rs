//! Offline rules that look at several resources at once: one file per subject.

use landfall_model::Finding;
use landfall_model::catalogue::Declaration;

type Check = fn(&[Declaration<'_>]) -> Vec<Finding>;

/// All of them.
pub const ALL: &[Check] = &[];
