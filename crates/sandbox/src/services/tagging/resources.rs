//! What the tagging API tells of the index.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::{TagFilter, admits_tags, admits_type, check_tags, check_types};
use super::{index, invalid};
use crate::operations::Answer;
use crate::page;
use crate::refused::Refused;
use crate::world::Site;

/// The input of GetResources.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Get {
    pagination_token: Option<String>,
    tag_filters: Vec<TagFilter>,
    resources_per_page: Option<i64>,
    tags_per_page: Option<i64>,
    resource_type_filters: Vec<String>,
    include_compliance_details: bool,
    exclude_compliant_resources: bool,
    #[serde(rename = "ResourceARNList")]
    resource_arn_list: Option<Vec<String>>,
}

/// GetResources. Its rules are those of the API reference.
pub fn get(site: &mut Site<'_>, input: Get) -> Answer {
    check_tags(&input.tag_filters)?;
    check_types(&input.resource_type_filters)?;
    if input.exclude_compliant_resources && !input.include_compliance_details {
        let message = "ExcludeCompliantResources can only be used with IncludeComplianceDetails";
        return Err(invalid(message));
    }
    let (most, token) = (page_size(&input)?, input.pagination_token.as_deref().unwrap_or_default());
    let arns = input.resource_arn_list.as_ref();
    if let Some(arns) = arns {
        check_arns(&input, arns)?;
    }
    let known = index::known(site);
    let known = known.iter().filter(|(arn, tags)| {
        // There are no tag policies, so everything complies with them.
        !input.exclude_compliant_resources
            && arns.is_none_or(|arns| arns.contains(arn))
            && admits_type(&input.resource_type_filters, arn)
            && admits_tags(&input.tag_filters, tags)
    });
    let resources = known.map(|(arn, tags)| {
        let tags = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
        let compliance = input.include_compliance_details.then(|| {
            json!({
                "NoncompliantKeys": [],
                "KeysWithNoncompliantValues": [],
                "ComplianceStatus": true,
            })
        });
        json!({
            "ResourceARN": arn,
            "Tags": tags.collect::<Vec<_>>(),
            "ComplianceDetails": compliance,
        })
    });
    let resources = resources.collect::<Vec<_>>();
    let scope = format!("resources {:?} {:?}", input.tag_filters, input.resource_type_filters);
    let (resources, next) = paged(resources, most, token, &scope)?;
    Ok(json!({ "ResourceTagMappingList": resources, "PaginationToken": next }))
}

/// 1 to 100 resources on a page, or as many as have 100 to 500 tags.
fn page_size(input: &Get) -> Result<usize, Refused> {
    let within = |value: i64, least: usize, most: usize, name: &str| {
        let size = usize::try_from(value).ok().filter(|size| (least..=most).contains(size));
        size.ok_or_else(|| invalid(format!("{name} must be between {least} and {most}")))
    };
    if input.resources_per_page.is_some() && input.tags_per_page.is_some() {
        return Err(invalid("ResourcesPerPage and TagsPerPage cannot be used together"));
    }
    match (input.resources_per_page, input.tags_per_page) {
        (Some(size), _) => within(size, 1, 100, "ResourcesPerPage"),
        // A resource has at most 50 tags, so these fit; fewer than possible may come.
        (None, Some(tags)) => Ok((within(tags, 100, 500, "TagsPerPage")? / 50).max(1)),
        (None, None) => Ok(50),
    }
}

fn check_arns(input: &Get, arns: &[String]) -> Result<(), Refused> {
    if !(1..=100).contains(&arns.len()) {
        return Err(invalid("ResourceARNList must have 1 to 100 items"));
    }
    if let Some(arn) = arns.iter().find(|arn| !arn.starts_with("arn:")) {
        return Err(invalid(format!("{arn} is not a valid ARN")));
    }
    let paged = input.pagination_token.is_some()
        || input.resources_per_page.is_some()
        || input.tags_per_page.is_some();
    let filtered = !input.tag_filters.is_empty() || !input.resource_type_filters.is_empty();
    match paged || filtered {
        false => Ok(()),
        true => Err(invalid(
            "ResourceARNList cannot be used together with TagFilters, ResourceTypeFilters or \
             pagination parameters",
        )),
    }
}

/// A page; the token of the last one is empty, not absent.
fn paged<T>(
    items: Vec<T>,
    most: usize,
    token: &str,
    scope: &str,
) -> Result<(Vec<T>, String), Refused> {
    let token = (!token.is_empty()).then_some(token);
    let (items, next) = page::page(items, most, token, scope)
        .map_err(|page::BadToken| invalid("The PaginationToken is not valid"))?;
    Ok((items, next.unwrap_or_default()))
}

/// The input of GetTagKeys.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Keys {
    pagination_token: String,
}

/// GetTagKeys.
pub fn keys(site: &mut Site<'_>, input: Keys) -> Answer {
    let known = index::known(site);
    let keys = known.values().flat_map(|tags| tags.keys()).collect::<BTreeSet<_>>();
    let keys = keys.into_iter().collect();
    let (keys, next) = paged(keys, 100, &input.pagination_token, "keys")?;
    Ok(json!({ "TagKeys": keys, "PaginationToken": next }))
}

/// The input of GetTagValues.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Values {
    #[serde(default)]
    pagination_token: String,
    key: String,
}

/// GetTagValues.
pub fn values(site: &mut Site<'_>, input: Values) -> Answer {
    if !(1..=128).contains(&input.key.chars().count()) {
        return Err(invalid("Key must have 1 to 128 characters"));
    }
    let known = index::known(site);
    let values = known.values().filter_map(|tags| tags.get(&input.key)).collect::<BTreeSet<_>>();
    let values = values.into_iter().collect();
    let scope = format!("values {}", input.key);
    let (values, next) = paged(values, 100, &input.pagination_token, &scope)?;
    Ok(json!({ "TagValues": values, "PaginationToken": next }))
}

/// The input of GetComplianceSummary.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct Summary {
    #[serde(rename = "TargetIdFilters")]
    _targets: Vec<String>,
    #[serde(rename = "RegionFilters")]
    _regions: Vec<String>,
    #[serde(rename = "ResourceTypeFilters")]
    _types: Vec<String>,
    #[serde(rename = "TagKeyFilters")]
    _keys: Vec<String>,
    #[serde(rename = "GroupBy")]
    _group_by: Vec<String>,
    #[serde(rename = "MaxResults")]
    _most: Option<i64>,
    #[serde(rename = "PaginationToken")]
    _token: Option<String>,
}

/// GetComplianceSummary: without tag policies nothing fails to comply.
pub fn summary(_: &mut Site<'_>, _: Summary) -> Answer {
    Ok(json!({ "SummaryList": [], "PaginationToken": "" }))
}

/// An input without members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// DescribeReportCreation: none was ever begun.
pub fn report(_: &mut Site<'_>, _: Nothing) -> Answer {
    Ok(json!({ "Status": "NO REPORT", "S3Location": Value::Null }))
}
