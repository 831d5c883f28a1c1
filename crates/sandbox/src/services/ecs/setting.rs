//! Account settings.

use crate::world::Site;

/// What Container Insights is for a new cluster that does not say.
pub(super) fn insights(_site: &Site<'_>) -> String {
    "disabled".to_owned()
}
