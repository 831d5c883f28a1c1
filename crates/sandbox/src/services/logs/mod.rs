//! CloudWatch Logs.

mod destination;
mod event;
mod expression;
mod group;
mod group_setting;
mod metric_filter;
mod name;
mod nothing;
mod pattern;
mod query;
mod query_definition;
mod query_text;
mod resource_policy;
mod search;
mod stream;
mod subscription;
mod tag;
#[cfg(test)]
mod tests;
pub mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::Site;

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "logs",
    dialect: DIALECT,
    operations: operations! {
        AssociateKmsKey => group_setting::associate_key,
        CreateLogGroup => group::create,
        CreateLogStream => stream::create,
        DeleteDestination => destination::delete,
        DeleteLogGroup => group::delete,
        DeleteLogStream => stream::delete,
        DeleteMetricFilter => metric_filter::delete,
        DeleteQueryDefinition => query_definition::delete,
        DeleteResourcePolicy => resource_policy::delete,
        DeleteRetentionPolicy => group_setting::delete_retention,
        DeleteSubscriptionFilter => subscription::delete,
        DescribeAccountPolicies => nothing::account_policies,
        DescribeDestinations => destination::describe,
        DescribeExportTasks => nothing::export_tasks,
        DescribeIndexPolicies => nothing::index_policies,
        DescribeLogGroups => group::describe,
        DescribeLogStreams => stream::describe,
        DescribeMetricFilters => metric_filter::describe,
        DescribeQueries => query::describe,
        DescribeQueryDefinitions => query_definition::describe,
        DescribeResourcePolicies => resource_policy::describe,
        DescribeSubscriptionFilters => subscription::describe,
        DisassociateKmsKey => group_setting::disassociate_key,
        FilterLogEvents => search::filter,
        GetDataProtectionPolicy => nothing::data_protection,
        GetLogEvents => event::get,
        GetQueryResults => query::results,
        ListLogGroups => group::list,
        ListTagsForResource => tag::list,
        ListTagsLogGroup => tag::list_by_name,
        PutDestination => destination::put,
        PutDestinationPolicy => destination::put_policy,
        PutLogEvents => event::put,
        PutLogGroupDeletionProtection => group_setting::put_protection,
        PutMetricFilter => metric_filter::put,
        PutQueryDefinition => query_definition::put,
        PutResourcePolicy => resource_policy::put,
        PutRetentionPolicy => group_setting::put_retention,
        PutSubscriptionFilter => subscription::put,
        StartQuery => query::start,
        StopQuery => query::stop,
        TagLogGroup => tag::tag_by_name,
        TagResource => tag::tag,
        TestMetricFilter => metric_filter::test,
        UntagLogGroup => tag::untag_by_name,
        UntagResource => tag::untag,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "Logs_20140328" },
    missing: "InvalidParameterException",
    unknown: "InvalidParameterException",
    invalid: "InvalidParameterException",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Log groups by name.
    pub groups: BTreeMap<String, group::Group>,
    /// Saved queries by id.
    pub queries: BTreeMap<String, query_definition::QueryDefinition>,
    /// Queries that were started, by id.
    pub runs: BTreeMap<String, query::Run>,
    /// Destinations by name.
    pub destinations: BTreeMap<String, destination::Destination>,
    /// Resource policies by name, or by the ARN of what they are on.
    pub policies: BTreeMap<String, resource_policy::Policy>,
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A query and its results are forgotten.
    ForgetQuery {
        /// The query.
        id: String,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::ForgetQuery { id } => query::forget(site, &id),
        }
    }
}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(region: &Region) -> Vec<(String, Tags)> {
    region.logs.groups.values().map(|group| (group.arn.clone(), group.tags.clone())).collect()
}
