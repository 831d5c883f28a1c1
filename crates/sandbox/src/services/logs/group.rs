//! Log groups.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::metric_filter::MetricFilter;
use super::name::{check_group, invalid, limit, paged, violation};
use super::stream::Stream;
use super::subscription::Subscription;
use super::{group_setting, name, tag};
use crate::operations::Answer;
use crate::page;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Span, Time};

/// A log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its ARN, without `:*`.
    pub arn: String,
    /// Since when it exists.
    pub created: Time,
    /// Its class.
    pub class: Class,
    /// After how many days events go.
    pub retention: Option<u32>,
    /// The ARN of the key that it is encrypted with.
    pub kms_key: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// Whether it cannot be deleted.
    pub protected: bool,
    /// Streams by name.
    pub streams: BTreeMap<String, Stream>,
    /// Metric filters by name.
    pub metric_filters: BTreeMap<String, MetricFilter>,
    /// Subscription filters by name.
    pub subscriptions: BTreeMap<String, Subscription>,
}

/// The class of a log group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Class {
    /// With all features.
    #[default]
    Standard,
    /// Cheaper, without filters.
    InfrequentAccess,
    /// For logs that other services deliver, kept for two days.
    Delivery,
}

impl Group {
    /// A group with nothing set.
    pub fn new(site: &Site<'_>, name: &str) -> Group {
        Group {
            name: name.to_owned(),
            arn: site.arn("logs", &format!("log-group:{name}")),
            created: site.now(),
            class: Class::Standard,
            retention: None,
            kms_key: None,
            tags: Tags::new(),
            protected: false,
            streams: BTreeMap::new(),
            metric_filters: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
        }
    }

    /// From when on events are kept.
    pub fn horizon(&self, now: Time) -> Time {
        let days = u64::from(self.retention.unwrap_or(u32::MAX));
        now - Span::minutes(days * 24 * 60)
    }

    /// Logs API: filters are of the standard class alone.
    pub fn check_filters(&self) -> Result<(), Refused> {
        if self.class == Class::Standard {
            return Ok(());
        }
        let message = "The operation is not valid on the specified resource: the log group's \
                       class does not support filters.";
        Err(Refused::new("InvalidOperationException", message))
    }

    fn describe(&self) -> Value {
        let events = self.streams.values().flat_map(|stream| &stream.events);
        json!({
            "logGroupName": self.name,
            "creationTime": self.created.0,
            "retentionInDays": self.retention,
            "metricFilterCount": self.metric_filters.len(),
            "arn": format!("{}:*", self.arn),
            "storedBytes": events.map(|event| event.size()).sum::<u64>(),
            "kmsKeyId": self.kms_key,
            "logGroupClass": self.class,
            "logGroupArn": self.arn,
            "deletionProtectionEnabled": self.protected,
        })
    }
}

/// The refusal that there is no such group.
pub fn not_found() -> Refused {
    Refused::new("ResourceNotFoundException", "The specified log group does not exist.")
}

/// A group by name.
pub fn of<'s>(site: &'s Site<'_>, name: &str) -> Result<&'s Group, Refused> {
    check_group(name)?;
    site.region().logs.groups.get(name).ok_or_else(not_found)
}

/// A group by name, to change it.
pub fn of_mut<'s>(site: &'s mut Site<'_>, name: &str) -> Result<&'s mut Group, Refused> {
    check_group(name)?;
    site.region_mut().logs.groups.get_mut(name).ok_or_else(not_found)
}

/// The name in an identifier: a name, or an ARN with or without `:*`.
pub fn name_in<'i>(site: &Site<'_>, identifier: &'i str) -> Result<&'i str, Refused> {
    if !identifier.starts_with("arn:") {
        return Ok(identifier);
    }
    let parts = identifier.splitn(7, ':').collect::<Vec<_>>();
    let [_, _, "logs", region, account, "log-group", name] = parts.as_slice() else {
        return Err(invalid(format!("Invalid ARN: {identifier}")));
    };
    if *region != site.name || *account != ACCOUNT {
        return Err(not_found());
    }
    Ok(name.strip_suffix(":*").unwrap_or(name))
}

/// The name of a group that is given by name or by identifier, but not by both.
pub fn name_of<'i>(
    site: &Site<'_>,
    name: Option<&'i str>,
    identifier: Option<&'i str>,
) -> Result<&'i str, Refused> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => name_in(site, identifier),
        (None, None) => {
            Err(invalid("Exactly one of logGroupName or logGroupIdentifier must be specified."))
        }
        (Some(_), Some(_)) => {
            Err(invalid("LogGroupName and LogGroupIdentifier are mutually exclusive parameters."))
        }
    }
}

/// The input of CreateLogGroup.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Create {
    log_group_name: String,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    log_group_class: Class,
    #[serde(default)]
    deletion_protection_enabled: bool,
}

/// CreateLogGroup.
pub fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let name = input.log_group_name;
    check_group(&name)?;
    if name.to_ascii_lowercase().starts_with("aws/") {
        // Logs API, CreateLogGroup: "Log group names can't start with the string aws/".
        return Err(invalid("Log groups starting with AWS/ are reserved for AWS."));
    }
    tag::check(&input.tags)?;
    let mut group = Group::new(site, &name);
    if let Some(key) = &input.kms_key_id {
        group_setting::check_key(site, key, &group.arn)?;
    }
    let groups = &site.region().logs.groups;
    if groups.contains_key(&name) {
        let message = "The specified log group already exists";
        return Err(Refused::new("ResourceAlreadyExistsException", message));
    }
    // Logs guide, quotas: 1,000,000 log groups per region.
    if groups.len() >= 1_000_000 {
        return Err(Refused::new("LimitExceededException", "Resource limit exceeded."));
    }
    group.kms_key = input.kms_key_id;
    group.tags = input.tags;
    group.class = input.log_group_class;
    group.retention = (group.class == Class::Delivery).then_some(2);
    group.protected = input.deletion_protection_enabled;
    site.region_mut().logs.groups.insert(name, group);
    Ok(Value::Null)
}

/// The input of what asks for a group alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Named {
    pub(super) log_group_name: String,
}

/// DeleteLogGroup.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    check_unprotected(of(site, &input.log_group_name)?)?;
    site.region_mut().logs.groups.remove(&input.log_group_name);
    Ok(Value::Null)
}

/// Logs guide, "Protecting log groups from deletion": neither the group nor its streams can be
/// deleted.
pub fn check_unprotected(group: &Group) -> Result<(), Refused> {
    match group.protected {
        false => Ok(()),
        true => {
            let message = format!(
                "The log group {} has deletion protection enabled. Disable deletion protection \
                 before deleting it.",
                group.name
            );
            Err(Refused::new("ValidationException", message))
        }
    }
}

/// The input of DescribeLogGroups.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    account_identifiers: Vec<String>,
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    // There are no linked accounts.
    #[serde(rename = "includeLinkedAccounts")]
    _linked: bool,
    log_group_class: Option<Class>,
    log_group_identifiers: Vec<String>,
}

/// DescribeLogGroups.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let (prefix, pattern) = (input.log_group_name_prefix, input.log_group_name_pattern);
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    if let Some(prefix) = &prefix {
        check_group(prefix).map_err(|_| {
            let constraint = r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+";
            violation("logGroupNamePrefix", prefix, constraint)
        })?;
    }
    let identifiers = input.log_group_identifiers;
    if !identifiers.is_empty() && (prefix.is_some() || pattern.is_some()) {
        let message = "LogGroupIdentifiers and a name prefix or pattern are mutually exclusive \
                       parameters.";
        return Err(invalid(message));
    }
    let names = identifiers.iter().map(|identifier| name_in(site, identifier));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let pattern = pattern.map(|pattern| pattern.to_ascii_lowercase());
    let own = input.account_identifiers.is_empty()
        || input.account_identifiers.iter().any(|account| account == ACCOUNT);
    let groups = site.region().logs.groups.values().filter(|group| {
        own && prefix.as_ref().is_none_or(|prefix| group.name.starts_with(prefix))
            && pattern.as_ref().is_none_or(|p| group.name.to_ascii_lowercase().contains(p))
            && input.log_group_class.is_none_or(|class| group.class == class)
            && (names.is_empty() || names.contains(&group.name.as_str()))
    });
    let groups = groups.map(Group::describe).collect();
    let scope = format!("groups {prefix:?} {pattern:?} {:?} {names:?}", input.log_group_class);
    let (groups, next) = paged(groups, input.limit, input.next_token.as_deref(), &scope)?;
    Ok(json!({ "logGroups": groups, "nextToken": next }))
}

/// The input of ListLogGroups.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct List {
    log_group_name_pattern: Option<String>,
    log_group_class: Option<Class>,
    #[serde(rename = "includeLinkedAccounts")]
    _linked: bool,
    account_identifiers: Vec<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    log_group_tags: Vec<TagFilter>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TagFilter {
    key: String,
    #[serde(default)]
    values: Vec<String>,
}

/// ListLogGroups. Logs API: up to five alternatives, each a part of the name or, with `^`, its
/// start.
pub fn list(site: &mut Site<'_>, input: List) -> Answer {
    let most = limit(input.limit, 1000, 50)?;
    let named = |name: &str| {
        input.log_group_name_pattern.as_ref().is_none_or(|pattern| {
            pattern.split('|').any(|part| match part.strip_prefix('^') {
                Some(start) => name.starts_with(start),
                None => name.contains(part),
            })
        })
    };
    let tagged = |tags: &Tags| {
        input.log_group_tags.iter().all(|filter| {
            tags.get(&filter.key)
                .is_some_and(|value| filter.values.is_empty() || filter.values.contains(value))
        })
    };
    let accounts = &input.account_identifiers;
    let own = accounts.is_empty() || accounts.iter().any(|account| account == ACCOUNT);
    let groups = site.region().logs.groups.values().filter(|group| {
        own && named(&group.name)
            && tagged(&group.tags)
            && input.log_group_class.is_none_or(|class| group.class == class)
    });
    let groups = groups.map(|group| {
        json!({
            "logGroupName": group.name,
            "logGroupArn": group.arn,
            "logGroupClass": group.class,
        })
    });
    let scope = format!("group list {:?}", input.log_group_name_pattern);
    let (groups, next) = page::page(groups.collect(), most, input.next_token.as_deref(), &scope)
        .map_err(|page::BadToken| name::bad_token())?;
    Ok(json!({ "logGroups": groups, "nextToken": next }))
}
