//! Flow logs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::listing::{self, Described, Kind, describe_input};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::token::{self, Token};
use super::vpc_block::unsupported;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time};

/// A flow log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlowLog {
    /// `fl-…`
    pub id: String,
    /// The VPC, subnet or interface it is of.
    pub resource: String,
    /// `ACCEPT`, `REJECT` or `ALL`.
    pub traffic: Option<String>,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    pub destination_type: String,
    /// The log group, where it goes there.
    pub log_group: Option<String>,
    /// The ARN of where it goes.
    pub destination: Option<String>,
    /// The role that delivers it.
    pub role: Option<String>,
    /// The fields of a line.
    pub format: String,
    /// Seconds that are taken together.
    pub interval: u32,
    /// When it was made.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
    /// The token it was made with.
    pub token: Option<Token>,
}

const FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} \
                      ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} \
                      ${log-status}";

impl Described for FlowLog {
    const KIND: Kind = Kind {
        set: "flowLogSet",
        noun: "flow log",
        absent: "InvalidFlowLogId.NotFound",
        pages: (1, 1000),
        filters: &[
            "deliver-log-status",
            "flow-log-id",
            "log-destination-type",
            "log-group-name",
            "resource-id",
            "traffic-type",
        ],
    };

    fn all(ec2: &State) -> &BTreeMap<String, FlowLog> {
        &ec2.flow_logs
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, FlowLog> {
        &mut ec2.flow_logs
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, _: &State, filter: &str) -> Vec<String> {
        match filter {
            "deliver-log-status" => vec!["SUCCESS".to_owned()],
            "flow-log-id" => vec![self.id.clone()],
            "log-destination-type" => vec![self.destination_type.clone()],
            "log-group-name" => self.log_group.iter().cloned().collect(),
            "resource-id" => vec![self.resource.clone()],
            "traffic-type" => self.traffic.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    fn view(&self, _: &State) -> Value {
        json!({
            "flowLogId": self.id,
            "flowLogStatus": "ACTIVE",
            "deliverLogsStatus": "SUCCESS",
            "resourceId": self.resource,
            "trafficType": self.traffic,
            "logDestinationType": self.destination_type,
            "logDestination": self.destination,
            "logGroupName": self.log_group,
            "deliverLogsPermissionArn": self.role,
            "logFormat": self.format,
            "maxAggregationInterval": self.interval,
            "creationTime": self.created.iso(),
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The input of `CreateFlowLogs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateFlowLogs {
    resource_id: Vec<String>,
    resource_type: ResourceType,
    #[serde(default)]
    traffic_type: Option<TrafficType>,
    #[serde(default)]
    log_destination_type: Option<String>,
    #[serde(default)]
    log_destination: Option<String>,
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    deliver_logs_permission_arn: Option<String>,
    #[serde(default)]
    deliver_cross_account_role: Option<String>,
    #[serde(default)]
    log_format: Option<String>,
    #[serde(default)]
    max_aggregation_interval: Option<u32>,
    #[serde(default)]
    destination_options: Option<Value>,
    #[serde(default)]
    tag_field_specification: Vec<Value>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
    #[serde(default)]
    client_token: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum ResourceType {
    #[serde(rename = "VPC")]
    Vpc,
    Subnet,
    NetworkInterface,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum TrafficType {
    Accept,
    Reject,
    All,
}

/// `CreateFlowLogs`: one for each resource.
pub fn create(site: &mut Site<'_>, input: CreateFlowLogs) -> Answer {
    let tags = tags_for(&input.tag_specification, "vpc-flow-log")?;
    let token = Token::of(input.client_token.as_deref(), &input);
    let ec2 = &site.region().ec2;
    if token::earlier::<FlowLog>(ec2, token.as_ref(), |made| made.token.as_ref())?.is_some() {
        let same = |log: &&FlowLog| log.token == token;
        let ids: Vec<&String> = ec2.flow_logs.values().filter(same).map(|log| &log.id).collect();
        return Ok(json!({ "clientToken": input.client_token, "flowLogIdSet": ids }));
    }
    unsupported(input.deliver_cross_account_role.is_some(), "DeliverCrossAccountRole")?;
    unsupported(input.destination_options.is_some(), "DestinationOptions")?;
    unsupported(!input.tag_field_specification.is_empty(), "TagFieldSpecification")?;
    let invalid = |message: String| Refused::new("InvalidParameter", message);
    let traffic = input.traffic_type.map(|traffic| match traffic {
        TrafficType::Accept => "ACCEPT".to_owned(),
        TrafficType::Reject => "REJECT".to_owned(),
        TrafficType::All => "ALL".to_owned(),
    });
    if traffic.is_none() {
        let message = "The request must contain the parameter TrafficType";
        return Err(Refused::new("MissingParameter", message));
    }
    let destination_type =
        input.log_destination_type.unwrap_or_else(|| "cloud-watch-logs".to_owned());
    let from_arn = input.log_destination.as_deref().and_then(|arn| arn.split(":log-group:").nth(1));
    let from_arn = from_arn.map(|name| name.trim_end_matches(":*").to_owned());
    let log_group = input.log_group_name.or(from_arn);
    match destination_type.as_str() {
        "cloud-watch-logs" if log_group.is_none() => {
            return Err(invalid(
                "LogGroupName can't be empty if LogDestinationType is \
                                cloud-watch-logs."
                    .to_owned(),
            ));
        }
        "cloud-watch-logs" if input.deliver_logs_permission_arn.is_none() => {
            return Err(invalid(
                "DeliverLogsPermissionArn can't be empty if LogDestinationType is \
                                cloud-watch-logs."
                    .to_owned(),
            ));
        }
        "cloud-watch-logs" => {}
        "s3" | "kinesis-data-firehose" if input.log_destination.is_none() => {
            return Err(invalid(format!(
                "LogDestination can't be empty if LogDestinationType is {destination_type}."
            )));
        }
        "s3" | "kinesis-data-firehose" => {}
        other => return Err(invalid(format!("Unknown LogDestinationType: {other}"))),
    }
    let interval = input.max_aggregation_interval.unwrap_or(600);
    if ![60, 600].contains(&interval) {
        return Err(invalid(format!("Invalid Flow Log Max Aggregation Interval: {interval}")));
    }
    let (mut ids, mut unsuccessful) = (Vec::new(), Vec::new());
    for resource in input.resource_id {
        let ec2 = &site.region().ec2;
        let (there, code, noun) = match input.resource_type {
            ResourceType::Vpc => (ec2.vpcs.contains_key(&resource), "InvalidVpcId", "vpc"),
            ResourceType::Subnet => {
                (ec2.subnets.contains_key(&resource), "InvalidSubnetId", "subnet")
            }
            ResourceType::NetworkInterface => {
                let there = ec2.interfaces.contains_key(&resource);
                (there, "InvalidNetworkInterfaceId", "networkInterface")
            }
        };
        let twice = ec2.flow_logs.values().any(|log| {
            log.resource == resource
                && log.destination_type == destination_type
                && log.destination == input.log_destination
                && log.log_group == log_group
        });
        if !there || twice {
            let (code, message) = if there {
                let message = "Error. There is an existing Flow Log with the same configuration \
                               and log destination.";
                ("FlowLogAlreadyExists".to_owned(), message.to_owned())
            } else {
                (format!("{code}.NotFound"), format!("The {noun} ID '{resource}' does not exist"))
            };
            unsuccessful.push(json!({
                "resourceId": resource,
                "error": { "code": code, "message": message },
            }));
            continue;
        }
        let log = FlowLog {
            id: site.new_id("fl"),
            resource,
            traffic: traffic.clone(),
            destination_type: destination_type.clone(),
            log_group: log_group.clone(),
            destination: input.log_destination.clone(),
            role: input.deliver_logs_permission_arn.clone(),
            format: input.log_format.clone().unwrap_or_else(|| FORMAT.to_owned()),
            interval,
            created: site.now(),
            tags: tags.clone(),
            token: token.clone(),
        };
        ids.push(log.id.clone());
        site.region_mut().ec2.flow_logs.insert(log.id.clone(), log);
    }
    Ok(json!({
        "clientToken": input.client_token,
        "flowLogIdSet": ids,
        "unsuccessful": unsuccessful,
    }))
}

/// The input of `DeleteFlowLogs`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteFlowLogs {
    flow_log_id: Vec<String>,
}

/// `DeleteFlowLogs`.
pub fn delete(site: &mut Site<'_>, input: DeleteFlowLogs) -> Answer {
    let logs = &mut site.region_mut().ec2.flow_logs;
    let absent = |id: &String| {
        json!({
            "resourceId": id,
            "error": {
                "code": "InvalidFlowLogId.NotFound",
                "message": format!(
                    "These flow log ids in the input list are not found: [TotalCount: 1] {id}"
                ),
            },
        })
    };
    let gone = input.flow_log_id.iter().filter(|id| logs.remove(*id).is_none());
    Ok(json!({ "unsuccessful": gone.map(absent).collect::<Vec<_>>() }))
}

describe_input! { DescribeFlowLogs { flow_log_id } }

/// `DescribeFlowLogs`.
pub fn describe(site: &mut Site<'_>, input: DescribeFlowLogs) -> Answer {
    listing::describe::<FlowLog>(site, input.asked())
}
