//! The entries of prefix lists.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::block;
use super::listing::{self, Asked, Described, found, found_mut};
use super::prefix_list::{PrefixList, changeable};
use super::route::Route;
use super::route_table::RouteTable;
use super::vpc_block::unsupported;
use super::{Event, State};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Wait};

/// An entry of a prefix list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its block.
    pub cidr: String,
    /// What it is for.
    pub description: Option<String>,
}

/// An entry in a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct NewEntry {
    cidr: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct OldEntry {
    cidr: String,
}

/// Entries after some are removed and some are added, or described anew.
pub fn with(
    present: &[Entry],
    removed: &[String],
    added: Vec<NewEntry>,
    ipv6: bool,
) -> Result<Vec<Entry>, Refused> {
    if let Some(cidr) = removed.iter().find(|cidr| !present.iter().any(|e| e.cidr == **cidr)) {
        let message = format!("The entry {cidr} is not in the prefix list.");
        return Err(Refused::new("InvalidPrefixListModification", message));
    }
    let mut entries: Vec<Entry> =
        present.iter().filter(|entry| !removed.contains(&entry.cidr)).cloned().collect();
    let mut seen = Vec::new();
    for NewEntry { cidr, description } in added {
        let cidr = match ipv6 {
            false => block::ipv4(&cidr, "Cidr")?.to_string(),
            true => block::ipv6(&cidr, "Cidr")?.to_string(),
        };
        if seen.contains(&cidr) {
            let message = format!("The entry {cidr} is given more than once.");
            return Err(Refused::new("InvalidParameterValue", message));
        }
        entries.retain(|entry| entry.cidr != cidr);
        entries.push(Entry { cidr: cidr.clone(), description });
        seen.push(cidr);
    }
    Ok(entries)
}

/// Refuses more entries than a list can have.
pub fn within(entries: &[Entry], max_entries: u32) -> Result<(), Refused> {
    if u32::try_from(entries.len()).unwrap_or(u32::MAX) > max_entries {
        let message = format!("You've reached the maximum number of entries: {max_entries}");
        return Err(Refused::new("PrefixListMaxEntriesExceeded", message));
    }
    Ok(())
}

/// The input of `ModifyManagedPrefixList`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifyManagedPrefixList {
    prefix_list_id: String,
    #[serde(default)]
    current_version: Option<usize>,
    #[serde(default)]
    prefix_list_name: Option<String>,
    #[serde(default)]
    add_entry: Vec<NewEntry>,
    #[serde(default)]
    remove_entry: Vec<OldEntry>,
    #[serde(default)]
    max_entries: Option<u32>,
    #[serde(default)]
    ipam_prefix_list_resolver_sync_enabled: Option<bool>,
}

/// `ModifyManagedPrefixList`: other entries are another version.
pub fn modify(site: &mut Site<'_>, input: ModifyManagedPrefixList) -> Answer {
    unsupported(
        input.ipam_prefix_list_resolver_sync_enabled.is_some(),
        "IpamPrefixListResolverSyncEnabled",
    )?;
    let id = input.prefix_list_id;
    let list = changeable(&site.region().ec2, &id)?;
    let entries_change = !input.add_entry.is_empty() || !input.remove_entry.is_empty();
    match input.current_version {
        Some(version) if version != list.versions.len() => {
            let message = format!(
                "The prefix list has the version {} and not {version}.",
                list.versions.len()
            );
            return Err(Refused::new("PrefixListVersionMismatch", message));
        }
        None if entries_change => {
            let message = "The request must contain the parameter CurrentVersion";
            return Err(Refused::new("MissingParameter", message));
        }
        _ => {}
    }
    if entries_change && input.max_entries.is_some() {
        let message = "The size and the entries of a prefix list cannot be changed in one request.";
        return Err(Refused::new("InvalidParameterCombination", message));
    }
    let removed: Vec<String> = input.remove_entry.into_iter().map(|entry| entry.cidr).collect();
    let entries = with(list.entries(), &removed, input.add_entry, list.ipv6)?;
    let max_entries = input.max_entries.unwrap_or(list.max_entries);
    within(&entries, max_entries)?;
    site.later(Wait::PrefixListChanged, Event::PrefixListChanged { id: id.clone() });
    let ec2: &mut State = &mut site.region_mut().ec2;
    let list = found_mut::<PrefixList>(ec2, &id)?;
    list.max_entries = max_entries;
    list.state = "modify-in-progress".to_owned();
    if let Some(name) = input.prefix_list_name {
        list.name = name;
    }
    if entries_change {
        list.versions.push(entries);
    }
    Ok(json!({ "prefixList": found::<PrefixList>(ec2, &id)?.view(ec2) }))
}

/// The input of `GetManagedPrefixListEntries`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct GetManagedPrefixListEntries {
    prefix_list_id: String,
    #[serde(default)]
    target_version: Option<usize>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

/// `GetManagedPrefixListEntries`.
pub fn get(site: &mut Site<'_>, input: GetManagedPrefixListEntries) -> Answer {
    let list = found::<PrefixList>(&site.region().ec2, &input.prefix_list_id)?;
    let version = input.target_version.unwrap_or(list.versions.len());
    let Some(entries) = list.versions.get(version.wrapping_sub(1)) else {
        let message = format!("The prefix list has no version {version}.");
        return Err(Refused::new("InvalidPrefixListVersion", message));
    };
    let view = |entry: &Entry| json!({ "cidr": entry.cidr, "description": entry.description });
    let asked = Asked {
        ids: std::slice::from_ref(&input.prefix_list_id),
        filters: &[],
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    listing::paged("entrySet", entries.iter().map(view).collect(), &asked, (1, 100))
}

/// The input of `GetManagedPrefixListAssociations`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct GetManagedPrefixListAssociations {
    prefix_list_id: String,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

/// `GetManagedPrefixListAssociations`: the route tables that have a route to the list.
pub fn associations(site: &mut Site<'_>, input: GetManagedPrefixListAssociations) -> Answer {
    let ec2 = &site.region().ec2;
    let list = found::<PrefixList>(ec2, &input.prefix_list_id)?;
    let leads = |route: &Route| route.destination.text() == list.id;
    let tables = ec2.route_tables.values().filter(|table| table.routes.iter().any(leads));
    let view = |table: &RouteTable| json!({ "resourceId": table.id, "resourceOwner": ACCOUNT });
    let asked = Asked {
        ids: std::slice::from_ref(&input.prefix_list_id),
        filters: &[],
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    listing::paged("prefixListAssociationSet", tables.map(view).collect(), &asked, (5, 255))
}
