//! The index: a copy of what the services have, late, with ghosts of what they had.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Event;
use crate::services::{acm, ec2, ecr, ecs, elb, iam, kms, logs};
use crate::tags::Tags;
use crate::world::{Delays, Site, Time, Wait};

/// What the tagging API knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Whether a refresh is on its way.
    refreshing: bool,
    /// What is known, by ARN.
    known: BTreeMap<String, Known>,
}

/// Something with tags, as last seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Its tags. Things stay known when they lose them (API reference, GetResources: "tagged or
    /// previously tagged").
    tags: Tags,
    /// Since when it is a ghost.
    gone: Option<Time>,
}

/// What can be asked for, by ARN. Without delays there is no index: the services are asked.
pub fn known(site: &Site<'_>) -> BTreeMap<String, Tags> {
    match site.world.delays {
        Delays::None => things(site).into_iter().filter(|(_, tags)| !tags.is_empty()).collect(),
        Delays::AsOnAws => {
            let known = site.region().tagging.known.iter();
            known.map(|(arn, known)| (arn.clone(), known.tags.clone())).collect()
        }
    }
}

/// Notes that a refresh is to come; tells whether that is news.
pub fn expects_refresh(site: &mut Site<'_>) -> bool {
    site.world.delays != Delays::None
        && !std::mem::replace(&mut site.region_mut().tagging.refreshing, true)
}

/// Copies what the services have. What is gone from there becomes a ghost for a while.
pub fn refresh(site: &mut Site<'_>) {
    let (now, mut found) = (site.now(), things(site));
    let index = &mut site.region_mut().tagging;
    index.refreshing = false;
    let mut ghosts = Vec::new();
    for (arn, known) in &mut index.known {
        match (found.remove(arn), known.gone) {
            (Some(tags), _) => *known = Known { tags, gone: None },
            (None, None) => {
                known.gone = Some(now);
                ghosts.push(arn.clone());
            }
            (None, Some(_)) => {}
        }
    }
    let new = found.into_iter().filter(|(_, tags)| !tags.is_empty());
    index.known.extend(new.map(|(arn, tags)| (arn, Known { tags, gone: None })));
    for arn in ghosts {
        site.later(Wait::TaggingGhost, Event::Forget { arn, gone: now });
    }
}

/// Stops showing a ghost, unless it has come back in between.
pub fn forget(site: &mut Site<'_>, arn: &str, gone: Time) {
    let known = &mut site.region_mut().tagging.known;
    if known.get(arn).is_some_and(|known| known.gone == Some(gone)) {
        known.remove(arn);
    }
}

/// All that has tags now.
fn things(site: &Site<'_>) -> BTreeMap<String, Tags> {
    let region = site.region();
    let services = [
        acm::tagged,
        ec2::tagged,
        ecr::tagged,
        ecs::tagged,
        elb::tagged,
        kms::tagged,
        logs::tagged,
    ];
    let mut things: BTreeMap<_, _> =
        services.into_iter().flat_map(|tagged| tagged(region)).collect();
    // IAM is global; the tagging API shows it in us-east-1, and neither users nor roles (Tagging
    // guide, "Services that support the Resource Groups Tagging API").
    if site.name == "us-east-1" {
        let shown = |arn: &str| !arn.contains(":role/") && !arn.contains(":user/");
        things.extend(iam::tagged(site.global()).into_iter().filter(|(arn, _)| shown(arn)));
    }
    things
}
