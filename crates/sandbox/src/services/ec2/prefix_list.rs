//! Prefix lists: those of AWS and one's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::listing::{self, Asked, Described, Kind, describe_input, found};
use super::prefix_list_entry::Entry;
use super::security_group_rule::Peer;
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::token::{self, Token};
use super::{Event, State, prefix_list_entry};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Chance, Site, Wait};

/// A prefix list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrefixList {
    /// `pl-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether AWS keeps it.
    pub of_aws: bool,
    /// `create-complete`, …
    pub state: String,
    /// How many entries it can have.
    pub max_entries: u32,
    /// Whether it is of IPv6 blocks.
    pub ipv6: bool,
    /// The entries of each version, the first one first.
    pub versions: Vec<Vec<Entry>>,
    /// Its tags.
    pub tags: Tags,
    /// The token it was made with.
    pub token: Option<Token>,
}

impl PrefixList {
    /// The entries of its present version.
    pub fn entries(&self) -> &[Entry] {
        self.versions.last().map(Vec::as_slice).unwrap_or_default()
    }
}

/// A list that AWS keeps: its service, blocks, and ids by region.
type OfAws = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

/// The lists that AWS keeps in each region: their names, some of what is in them, and their ids in
/// regions where they are well known.
const OF_AWS: &[OfAws] = &[
    (
        "s3",
        &["16.15.192.0/18", "52.216.0.0/15", "54.231.0.0/16", "3.5.0.0/19"],
        &[("us-east-1", "pl-63a5400a"), ("us-west-2", "pl-68a54001"), ("eu-west-1", "pl-6da54004")],
    ),
    (
        "dynamodb",
        &["52.94.0.0/22", "52.119.224.0/20", "3.218.180.0/22"],
        &[("us-east-1", "pl-02cd2c6b"), ("us-west-2", "pl-00a54069"), ("eu-west-1", "pl-6fa54006")],
    ),
    (
        "global.cloudfront.origin-facing",
        &["13.124.199.0/24", "130.176.0.0/18", "15.158.0.0/16", "64.252.64.0/18", "70.132.0.0/18"],
        &[("us-east-1", "pl-3b927c52"), ("us-west-2", "pl-82a045eb"), ("eu-west-1", "pl-4fa04526")],
    ),
];

/// The lists that AWS keeps in a region.
pub fn of_aws(region: &str) -> Vec<PrefixList> {
    let list = |(service, cidrs, ids): &OfAws| {
        let known = ids.iter().find(|(known, _)| *known == region);
        let seed = region.bytes().chain(service.bytes()).map(u64::from);
        let other = || {
            format!("pl-{}", Chance::of(seed.fold(7, |sum, byte| sum * 31 % 65_537 + byte)).hex(8))
        };
        let entry = |cidr: &&str| Entry { cidr: (*cidr).to_owned(), description: None };
        PrefixList {
            id: known.map_or_else(other, |(_, id)| (*id).to_owned()),
            name: match service.starts_with("global.") {
                true => format!("com.amazonaws.{service}"),
                false => format!("com.amazonaws.{region}.{service}"),
            },
            of_aws: true,
            state: "create-complete".to_owned(),
            max_entries: 0,
            ipv6: false,
            versions: vec![cidrs.iter().map(entry).collect()],
            tags: Tags::new(),
            token: None,
        }
    };
    OF_AWS.iter().map(list).collect()
}

/// Refuses the id of a list that is not there.
pub fn exists(ec2: &State, id: &str) -> Result<(), Refused> {
    found::<PrefixList>(ec2, id).map(|_| ())
}

impl Described for PrefixList {
    const KIND: Kind = Kind {
        set: "prefixListSet",
        noun: "prefix list",
        absent: "InvalidPrefixListID.NotFound",
        pages: (1, 100),
        filters: &["owner-id", "prefix-list-id", "prefix-list-name"],
    };

    fn all(ec2: &State) -> &BTreeMap<String, PrefixList> {
        &ec2.prefix_lists
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, PrefixList> {
        &mut ec2.prefix_lists
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, _: &State, filter: &str) -> Vec<String> {
        match filter {
            "owner-id" => vec![if self.of_aws { "AWS" } else { ACCOUNT }.to_owned()],
            "prefix-list-id" => vec![self.id.clone()],
            "prefix-list-name" => vec![self.name.clone()],
            _ => Vec::new(),
        }
    }

    fn view(&self, ec2: &State) -> Value {
        let own = !self.of_aws;
        let owner = if own { ACCOUNT } else { "aws" };
        json!({
            "prefixListId": self.id,
            "prefixListName": self.name,
            "prefixListArn": format!("arn:aws:ec2:{}:{owner}:prefix-list/{}", ec2.name, self.id),
            "addressFamily": if self.ipv6 { "IPv6" } else { "IPv4" },
            "state": self.state,
            "ownerId": if own { ACCOUNT } else { "AWS" },
            "maxEntries": own.then_some(self.max_entries),
            "version": own.then_some(self.versions.len()),
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The input of `CreateManagedPrefixList`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateManagedPrefixList {
    prefix_list_name: String,
    max_entries: u32,
    address_family: String,
    #[serde(default)]
    entry: Vec<prefix_list_entry::NewEntry>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
    #[serde(default)]
    client_token: Option<String>,
}

/// `CreateManagedPrefixList`.
pub fn create(site: &mut Site<'_>, input: CreateManagedPrefixList) -> Answer {
    let tags = tags_for(&input.tag_specification, "prefix-list")?;
    let token = Token::of(input.client_token.as_deref(), &input);
    let ec2 = &site.region().ec2;
    if let Some(made) =
        token::earlier::<PrefixList>(ec2, token.as_ref(), |made| made.token.as_ref())?
    {
        return Ok(json!({ "prefixList": made.view(ec2) }));
    }
    let invalid = |message: String| Err(Refused::new("InvalidParameterValue", message));
    let ipv6 = match input.address_family.as_str() {
        "IPv4" => false,
        "IPv6" => true,
        other => {
            return invalid(format!("Value ({other}) for parameter AddressFamily is invalid."));
        }
    };
    let name = &input.prefix_list_name;
    if name.is_empty() || name.starts_with("com.amazonaws") || name.chars().count() > 255 {
        return invalid(format!("Value ({name}) for parameter PrefixListName is invalid."));
    }
    if !(1..=1000).contains(&input.max_entries) {
        let given = input.max_entries;
        return invalid(format!("Value ({given}) for parameter MaxEntries is invalid."));
    }
    let entries = prefix_list_entry::with(&[], &[], input.entry, ipv6)?;
    prefix_list_entry::within(&entries, input.max_entries)?;
    let list = PrefixList {
        id: site.new_id("pl"),
        name: input.prefix_list_name,
        of_aws: false,
        state: "create-in-progress".to_owned(),
        max_entries: input.max_entries,
        ipv6,
        versions: vec![entries],
        tags,
        token,
    };
    site.later(Wait::PrefixListChanged, Event::PrefixListChanged { id: list.id.clone() });
    let ec2 = &mut site.region_mut().ec2;
    let view = list.view(ec2);
    ec2.prefix_lists.insert(list.id.clone(), list);
    Ok(json!({ "prefixList": view }))
}

/// What was in progress is complete.
pub fn changed(site: &mut Site<'_>, id: &str) {
    let lists = &mut site.region_mut().ec2.prefix_lists;
    let Some(list) = lists.get_mut(id) else { return };
    if list.state == "delete-in-progress" {
        lists.remove(id);
    } else {
        list.state = list.state.replace("in-progress", "complete");
    }
}

/// A list of one's own that nothing is being done to.
pub fn changeable<'a>(ec2: &'a State, id: &str) -> Result<&'a PrefixList, Refused> {
    let list = found::<PrefixList>(ec2, id)?;
    if list.of_aws {
        let message = format!("You are not allowed to change the prefix list {id}.");
        return Err(Refused::new("UnauthorizedOperation", message).status(403));
    }
    if list.state.ends_with("in-progress") {
        let message =
            format!("The prefix list {id} is in the state {} and cannot be changed", list.state);
        return Err(Refused::new("IncorrectState", message));
    }
    Ok(list)
}

/// The input of `DeleteManagedPrefixList`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteManagedPrefixList {
    prefix_list_id: String,
}

/// `DeleteManagedPrefixList`: "You must first remove all references to the prefix list in your
/// resources": those of routes and of rules.
pub fn delete(site: &mut Site<'_>, input: DeleteManagedPrefixList) -> Answer {
    let id = input.prefix_list_id;
    let ec2 = &site.region().ec2;
    changeable(ec2, &id)?;
    let mut routes = ec2.route_tables.values().flat_map(|table| &table.routes);
    let mut rules = ec2.groups.values().flat_map(|group| &group.rules);
    let list = Peer::PrefixList(id.clone());
    if routes.any(|route| route.destination.text() == id)
        || rules.any(|rule| rule.permission.peer == list)
    {
        return Err(listing::depended_on("prefixList", &id));
    }
    site.later(Wait::PrefixListChanged, Event::PrefixListChanged { id: id.clone() });
    let ec2 = &mut site.region_mut().ec2;
    if let Some(list) = ec2.prefix_lists.get_mut(&id) {
        list.state = "delete-in-progress".to_owned();
    }
    Ok(json!({ "prefixList": found::<PrefixList>(ec2, &id)?.view(ec2) }))
}

describe_input! { DescribeManagedPrefixLists { prefix_list_id } }

/// `DescribeManagedPrefixLists`.
pub fn describe_managed(site: &mut Site<'_>, input: DescribeManagedPrefixLists) -> Answer {
    listing::describe::<PrefixList>(site, input.asked())
}

describe_input! { DescribePrefixLists { prefix_list_id } }

/// `DescribePrefixLists`: only those of AWS, with their blocks.
pub fn describe(site: &mut Site<'_>, input: DescribePrefixLists) -> Answer {
    let asked = input.asked();
    let ec2 = &site.region().ec2;
    for id in asked.ids {
        exists(ec2, id)?;
    }
    super::filter::known(asked.filters, &["prefix-list-id", "prefix-list-name"])?;
    let lists = ec2.prefix_lists.values().filter(|list| list.of_aws);
    let asked_for = |list: &&PrefixList| asked.ids.is_empty() || asked.ids.contains(&list.id);
    let kept = super::filter::filtered(
        lists.filter(asked_for).collect(),
        asked.filters,
        |list: &&PrefixList| list.tags(),
        |list, name| Some(list.values(ec2, name)),
    )?;
    let view = |list: &PrefixList| {
        let cidrs: Vec<&String> = list.entries().iter().map(|entry| &entry.cidr).collect();
        json!({ "prefixListId": list.id, "prefixListName": list.name, "cidrSet": cidrs })
    };
    let views = kept.into_iter().map(view).collect();
    let asked = Asked { max_results: asked.max_results, ..asked };
    listing::paged("prefixListSet", views, &asked, (5, 1000))
}
