//! Metric filters. They are kept; there are no metrics.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group::{self, Group};
use super::name::{check_filter, invalid, paged};
use super::pattern::Pattern;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// A metric filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricFilter {
    name: String,
    pattern: String,
    transformations: Vec<Transformation>,
    created: Time,
    transformed: bool,
    criteria: Option<String>,
    dimensions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Transformation {
    metric_name: String,
    metric_namespace: String,
    metric_value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_value: Option<f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    dimensions: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

/// The input of PutMetricFilter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Put {
    log_group_name: String,
    filter_name: String,
    filter_pattern: String,
    metric_transformations: Vec<Transformation>,
    #[serde(default)]
    apply_on_transformed_logs: bool,
    #[serde(default)]
    field_selection_criteria: Option<String>,
    #[serde(default)]
    emit_system_field_dimensions: Vec<String>,
}

/// PutMetricFilter. Logs guide, quotas: 100 per group.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    check_filter(&input.filter_name)?;
    Pattern::check(&input.filter_pattern)?;
    let [transformation] = input.metric_transformations.as_slice() else {
        let message = "1 validation error detected: Value at 'metricTransformations' failed to \
                       satisfy constraint: Member must have length equal to 1";
        return Err(invalid(message));
    };
    if transformation.default_value.is_some() && !transformation.dimensions.is_empty() {
        // Logs API, MetricTransformation.
        return Err(invalid("A default value cannot be specified together with dimensions."));
    }
    if transformation.dimensions.len() > 3 {
        return Err(invalid("At most 3 dimensions can be specified."));
    }
    let now = site.now();
    let group = group::of_mut(site, &input.log_group_name)?;
    group.check_filters()?;
    let before = group.metric_filters.get(&input.filter_name);
    if before.is_none() && group.metric_filters.len() >= 100 {
        return Err(Refused::new("LimitExceededException", "Resource limit exceeded."));
    }
    let filter = MetricFilter {
        name: input.filter_name.clone(),
        pattern: input.filter_pattern,
        transformations: input.metric_transformations,
        created: before.map_or(now, |before| before.created),
        transformed: input.apply_on_transformed_logs,
        criteria: input.field_selection_criteria,
        dimensions: input.emit_system_field_dimensions,
    };
    group.metric_filters.insert(input.filter_name, filter);
    Ok(Value::Null)
}

/// The input of DescribeMetricFilters.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    log_group_name: Option<String>,
    filter_name_prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    metric_name: Option<String>,
    metric_namespace: Option<String>,
}

/// DescribeMetricFilters.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    if input.metric_name.is_some() != input.metric_namespace.is_some() {
        let message = "metricName and metricNamespace must be specified together.";
        return Err(invalid(message));
    }
    let groups: Vec<&Group> = match &input.log_group_name {
        Some(name) => vec![group::of(site, name)?],
        None => site.region().logs.groups.values().collect(),
    };
    let of = |wanted: &Option<String>, given: &str| wanted.as_ref().is_none_or(|w| w == given);
    let prefix = input.filter_name_prefix.as_deref().unwrap_or_default();
    let filters = groups.iter().flat_map(|group| {
        let filters = group.metric_filters.values().filter(|filter| {
            filter.name.starts_with(prefix)
                && filter.transformations.iter().any(|transformation| {
                    of(&input.metric_name, &transformation.metric_name)
                        && of(&input.metric_namespace, &transformation.metric_namespace)
                })
        });
        filters.map(|filter| filter.describe(group))
    });
    let scope = format!("metric filters {:?} {prefix}", input.log_group_name);
    let token = input.next_token.as_deref();
    let (filters, next) = paged(filters.collect(), input.limit, token, &scope)?;
    Ok(json!({ "metricFilters": filters, "nextToken": next }))
}

impl MetricFilter {
    fn describe(&self, group: &Group) -> Value {
        json!({
            "filterName": self.name,
            "filterPattern": self.pattern,
            "metricTransformations": self.transformations,
            "creationTime": self.created.0,
            "logGroupName": group.name,
            "applyOnTransformedLogs": self.transformed,
            "fieldSelectionCriteria": self.criteria,
            "emitSystemFieldDimensions": (!self.dimensions.is_empty()).then_some(&self.dimensions),
        })
    }
}

/// The input of what asks for a filter alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Named {
    pub(super) log_group_name: String,
    pub(super) filter_name: String,
}

/// DeleteMetricFilter.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    let group = group::of_mut(site, &input.log_group_name)?;
    match group.metric_filters.remove(&input.filter_name) {
        Some(_) => Ok(Value::Null),
        None => {
            let message = "The specified metric filter does not exist.";
            Err(Refused::new("ResourceNotFoundException", message))
        }
    }
}

/// The input of TestMetricFilter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Test {
    filter_pattern: String,
    log_event_messages: Vec<String>,
}

/// TestMetricFilter.
pub fn test(_: &mut Site<'_>, input: Test) -> Answer {
    let pattern = Pattern::read(&input.filter_pattern)?;
    let messages = input.log_event_messages.iter().enumerate();
    let matches = messages.filter_map(|(place, message)| {
        let values = pattern.extract(message)?;
        let number = place + 1;
        Some(json!({ "eventNumber": number, "eventMessage": message, "extractedValues": values }))
    });
    Ok(json!({ "matches": matches.collect::<Vec<_>>() }))
}
