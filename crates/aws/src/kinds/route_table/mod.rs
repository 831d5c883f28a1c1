//! `route_table`: where packets go, and for which subnets.

mod associations;
mod route;

use std::time::Duration;

use aws_sdk_ec2::types::{ResourceType, RouteTable as AwsRouteTable};
use landfall_model::types::{Ref, Set, Target};
use landfall_model::{
    CloudError, Field, Finding, Implied, KindRules, On, Readiness, TagChange, Tags, Transient, Wait,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::kinds::subnet::Subnet;
use crate::kinds::vpc::Vpc;
use crate::services::ec2;
use associations::{FORMER_MAIN, Tables};
pub use route::Route;

/// `route_table`.
pub enum RouteTable {}

/// A route table in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The VPC that it belongs to.
    pub vpc: Ref<Vpc>,
    /// Its routes, besides those within the VPC.
    #[serde(default)]
    pub routes: Set<Route>,
    /// The subnets that follow it. A subnet that no table names follows the VPC's main one.
    #[serde(default)]
    pub subnets: Set<Ref<Subnet>>,
    /// Whether it is the VPC's main table. Default: no. The table that was the main one before is
    /// the main one again when this one no longer is.
    #[serde(default)]
    pub main: bool,
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its id.
    pub id: String,
}

impl Target for RouteTable {
    const KIND: &'static str = "route_table";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "rtb-";
}

const fn unknown_yet(on: On, code: &'static str, because: &'static str) -> Transient {
    Transient { on, code, message: "", budget: Duration::from_secs(60), because }
}

impl Kind for RouteTable {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("vpc"),
            Field::mutable("routes").after_create(),
            Field::mutable("subnets").after_create(),
            Field::mutable("main").after_create(),
        ],
        name_tag: true,
        implied: &[
            // A route takes a gateway only once that is attached to the table's VPC.
            Implied { other: "internet_gateway", via: "internet_gateway", wait: Wait::Settled },
        ],
        transients: &[
            unknown_yet(
                On::Create,
                "InvalidVpcID.NotFound",
                "EC2 does not know the new VPC everywhere yet",
            ),
            // Two tables that hand a subnet over work side by side; the next try reads anew.
            unknown_yet(
                On::Update,
                "InvalidAssociationID.NotFound",
                "another route table has just let go of the subnet",
            ),
            unknown_yet(
                On::Update,
                "InvalidRouteTableID.NotFound",
                "EC2 does not know the new route table everywhere yet",
            ),
            unknown_yet(
                On::Update,
                "InvalidSubnetID.NotFound",
                "EC2 does not know the new subnet everywhere yet",
            ),
            unknown_yet(
                On::Update,
                "InvalidGatewayID.NotFound",
                "EC2 does not know the new gateway everywhere yet",
            ),
            unknown_yet(
                On::Update,
                "InvalidNatGatewayID.NotFound",
                "EC2 does not know the new NAT gateway everywhere yet",
            ),
            Transient {
                on: On::Update,
                code: "InvalidParameterValue",
                message: "belong to different networks",
                budget: Duration::from_secs(60),
                because: "EC2 does not know everywhere yet that the gateway is attached",
            },
            Transient {
                on: On::Delete,
                code: "DependencyViolation",
                message: "",
                budget: Duration::from_secs(5 * 60),
                because: "its subnets are still letting go of it",
            },
        ],
        ..KindRules::new("route_table", "ec2", "ec2:route-table")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for (index, route) in spec.routes.iter().enumerate() {
            let at = format!("routes[{index}]");
            findings.extend(route.check(&at));
            match route.to() {
                Some(to) if seen.contains(&to) => {
                    let to = landfall_model::reference::display(to);
                    let message = format!("two routes of this table are for {to}");
                    let finding = Finding::field(&at, message);
                    findings.push(finding.help("a table has one route for a destination"));
                }
                to => seen.extend(to),
            }
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let call = aws.ec2.describe_route_tables().set_filters(Some(ec2::owned(scope)));
        let tables = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        Ok(tables.named("ec2:DescribeRouteTables")?.into_iter().map(found).collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let answer = aws
            .ec2
            .create_route_table()
            .client_token(aws.tokens.draw())
            .vpc_id(want.vpc.as_str())
            .tag_specifications(ec2::specification(ResourceType::RouteTable, tags))
            .send()
            .await
            .named("ec2:CreateRouteTable")?;
        let id = answer.route_table.and_then(|table| table.route_table_id).unwrap_or_default();
        Ok(Made { outputs: Outputs { id: id.clone() }, id })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let (id, is) = (&live.id, &live.spec);
        // Routes first, so that a subnet which comes to the table finds them all.
        let has = |routes: &Set<Route>, to: &Route| routes.iter().any(|one| one.to() == to.to());
        let coming = want.routes.without(&is.routes).map(|route| (route, !has(&is.routes, route)));
        let coming: Vec<(Route, bool)> = coming.map(|(route, new)| (route.clone(), new)).collect();
        each(coming, |(route, is_new)| async move {
            match is_new {
                true => route.create(aws, id).await,
                false => route.replace(aws, id).await,
            }
        })
        .await?;
        if want.subnets != is.subnets || want.main != is.main {
            let tables = Tables::of(aws, want.vpc.as_str()).await?;
            let coming = want.subnets.without(&is.subnets);
            tables.associate(aws, id, coming).await?;
            tables.dissociate(aws, id, is.subnets.without(&want.subnets)).await?;
            match want.main {
                true => tables.make_main(aws, id).await?,
                false => tables.unmake_main(aws, id).await?,
            }
        }
        let going = is.routes.without(&want.routes).filter(|route| !has(&want.routes, route));
        let going: Vec<Route> = going.cloned().collect();
        each(going, |route| async move { route.delete(aws, id).await }).await.map(drop)
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ec2::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let (id, is) = (&live.id, &live.spec);
        if is.main || !is.subnets.is_empty() {
            let tables = Tables::of(aws, is.vpc.as_str()).await?;
            tables.dissociate(aws, id, is.subnets.iter()).await?;
            tables.unmake_main(aws, id).await?;
        }
        let call = aws.ec2.delete_route_table().route_table_id(id);
        call.send().await.or_missing("ec2:DeleteRouteTable").map(drop)
    }
}

fn found(table: AwsRouteTable) -> Found<RouteTable> {
    let subnets = associations::live(&table).filter_map(|one| one.subnet_id.as_deref());
    let spec = Spec {
        vpc: Ref::new(table.vpc_id.clone().unwrap_or_default()),
        routes: table.routes().iter().filter_map(Route::of).collect(),
        subnets: subnets.map(Ref::new).collect(),
        main: associations::live(&table).any(|one| one.main == Some(true)),
    };
    let id = table.route_table_id.unwrap_or_default();
    let mut tags = ec2::tags_of(table.tags);
    tags.remove(FORMER_MAIN);
    Found { spec, outputs: Outputs { id: id.clone() }, tags, readiness: Readiness::Ready, id }
}
