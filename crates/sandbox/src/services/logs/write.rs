//! What tasks write to their log groups.

use super::event::LogEvent;
use super::group::Group;
use super::name::check_group;
use super::stream::Stream;
use crate::world::Site;

/// Whether a log group exists.
pub fn exists(site: &Site<'_>, group: &str) -> bool {
    site.region().logs.groups.contains_key(group)
}

/// Writes lines to a stream, which is made if need be. With `create_group`, so is the group, as the
/// `awslogs` driver does with `awslogs-create-group`: without retention and without tags, even if
/// it had been there before (terraform-aws-eks-cluster#67). Tells whether the group was there to
/// write to.
pub fn write(
    site: &mut Site<'_>,
    group: &str,
    stream: &str,
    lines: &[String],
    create_group: bool,
) -> bool {
    let now = site.now();
    if !exists(site, group) {
        if !create_group || check_group(group).is_err() {
            return false;
        }
        let made = Group::new(site, group);
        site.region_mut().logs.groups.insert(group.to_owned(), made);
    }
    let Some(group) = site.region_mut().logs.groups.get_mut(group) else { return false };
    let streams = &mut group.streams;
    let stream = streams.entry(stream.to_owned()).or_insert_with(|| Stream::new(stream, now));
    for line in lines.iter().filter(|line| !line.is_empty()) {
        stream.take(LogEvent { timestamp: now, message: line.clone(), ingested: now });
    }
    true
}
