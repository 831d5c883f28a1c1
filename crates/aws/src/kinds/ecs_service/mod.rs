//! `ecs_service`: keeps tasks of a task definition running.

mod read;
mod spec;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_ecs::types::{Service, ServiceField};
use futures_util::future::try_join;
use landfall_model::types::Target;
use landfall_model::{
    Await, CloudError, Field, Finding, Implied, Interruption, KindRules, Naming, On, TagChange,
    Tags, Transient, Wait, reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::each;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope, Want};
use crate::services::ecs;

pub use spec::Spec;

/// `ecs_service`.
pub enum EcsService {}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

impl Target for EcsService {
    const KIND: &'static str = "ecs_service";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}

const SERVICE_ROLE: &str = "verify that the ECS service role being passed has the proper";
const NEW: &str = "ECS does not know the new revision everywhere yet";

/// `ecs:DescribeServices` takes at most 10 services of one cluster.
const AT_ONCE: usize = 10;

impl Kind for EcsService {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::immutable("cluster").identity().locates(),
            Field::mutable("task_definition"),
            Field::immutable("launch_type").unmanaged_if_absent(),
            Field::mutable("capacity_provider_strategy").unmanaged_if_absent(),
            Field::mutable("platform_version"),
            Field::mutable("desired_count").unmanaged_if_absent(),
            Field::immutable("scheduling_strategy"),
            Field::mutable("network"),
            Field::mutable("load_balancer"),
            Field::mutable("load_balancers"),
            Field::mutable("deployment"),
            Field::mutable("health_check_grace_period"),
            Field::mutable("enable_execute_command"),
            Field::mutable("enable_managed_tags"),
            Field::mutable("propagate_tags"),
            Field::mutable("availability_zone_rebalancing").unmanaged_if_absent(),
            Field::mutable("placement_constraints"),
            Field::mutable("placement_strategy"),
            Field::local("wait_for_steady_state"),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 255,
            underscores: true,
            lower_case: false,
            stable: false,
        }),
        implied: &[
            // AWS takes a target group only once a listener or rule sends something to it.
            Implied { other: "listener", via: "target_group", wait: Wait::Created },
            // Tasks need what their roles allow from the start, and to the end.
            Implied { other: "iam_role", via: "iam_role", wait: Wait::Settled },
            // Tasks pull their image over the routes of their subnets.
            Implied { other: "route_table", via: "vpc", wait: Wait::Settled },
        ],
        transients: &[
            Transient {
                on: On::Create,
                code: "InvalidParameterException",
                message: "does not have an associated load balancer",
                budget: Duration::from_secs(2 * 60),
                because: "ECS does not know yet that a listener sends to the target group",
            },
            Transient {
                on: On::Update,
                code: "InvalidParameterException",
                message: "does not have an associated load balancer",
                budget: Duration::from_secs(2 * 60),
                because: "ECS does not know yet that a listener sends to the target group",
            },
            Transient {
                on: On::Create,
                code: "InvalidParameterException",
                message: "unable to assume the service linked role",
                budget: Duration::from_secs(60),
                because: "AWS is making the service-linked role of ECS",
            },
            role_not_there_yet(On::Create, "InvalidParameterException", "unable to assume"),
            role_not_there_yet(On::Update, "InvalidParameterException", "unable to assume"),
            role_not_there_yet(On::Create, "ClientException", "unable to assume"),
            role_not_there_yet(On::Update, "ClientException", "unable to assume"),
            role_not_there_yet(On::Create, "InvalidParameterException", "is not valid"),
            role_not_there_yet(On::Create, "ClientException", "role is not valid"),
            role_not_there_yet(On::Update, "ClientException", "role is not valid"),
            Transient {
                on: On::Create,
                code: "InvalidParameterException",
                message: "Unable to Start a service that is still Draining",
                budget: Duration::from_secs(10 * 60),
                because: "the last service of this name is still draining",
            },
            // The words by which terraform-provider-aws retries, beside those above.
            role_not_there_yet(On::Create, "InvalidParameterException", SERVICE_ROLE),
            role_not_there_yet(On::Update, "InvalidParameterException", SERVICE_ROLE),
            Transient::within(
                60,
                On::Create,
                "InvalidParameterException",
                "Error retrieving subnet information",
                "ECS does not know the new subnet yet",
            ),
            Transient::within(
                60,
                On::Create,
                "InvalidParameterException",
                "Error retrieving security group information",
                "ECS does not know the new security group yet",
            ),
            Transient::within(30, On::Create, "ClientException", "TaskDefinition not found", NEW),
            Transient::within(30, On::Update, "ClientException", "TaskDefinition not found", NEW),
            Transient::within(
                30,
                On::Update,
                "ServiceNotFoundException",
                "",
                "ECS does not know the new service everywhere yet",
            ),
            Transient::within(
                10 * 60,
                On::Delete,
                "InvalidParameterException",
                "cannot be stopped while deployments are active",
                "a deployment is still under way",
            ),
            Transient::within(
                10 * 60,
                On::Delete,
                "DependencyViolation",
                "",
                "what depends on the service is still going away",
            ),
            Transient {
                on: On::Create,
                code: "ClusterNotFoundException",
                message: "",
                budget: Duration::from_secs(30),
                because: "ECS does not know the new cluster everywhere yet",
            },
        ],
        await_ready: Await::Kept,
        await_gone: true,
        cost: Some(
            "on Fargate about $0.040 per vCPU and $0.0044 per GB of memory, per task and hour",
        ),
        interruption: Interruption {
            create_first: None,
            delete_first: Some(
                "no task of it runs from the end of the old one until the new one is up",
            ),
        },
        ..KindRules::new("ecs_service", "ecs", "ecs:service")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        spec.check()
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let mut asked = Asked::default();
        for want in &scope.wanted {
            if let Some(id) = &want.id {
                asked.add_path(id);
            }
            if let Some(spec) = &want.spec
                && reference::is_known(spec.cluster.as_str())
                && reference::is_known(&spec.name)
                && !spec.name.is_empty()
            {
                asked.add(ecs::last_part(spec.cluster.as_str()), &spec.name);
            }
        }
        // The indexes are asked at the same time; in general they know of nothing else.
        let hinted = async {
            let mut hinted = Asked::default();
            for name in scope.hinted_names(aws).await? {
                hinted.add_path(&name);
            }
            let hinted = hinted.without(&asked);
            Ok((described(aws, &hinted).await?, hinted))
        };
        let (wanted, (hinted, more)) = try_join(described(aws, &asked), hinted).await?;
        asked.merge(more);
        let gone = wanted.no_clusters;
        let mut services: Vec<Service> =
            wanted.services.into_iter().chain(hinted.services).collect();
        if scope.whole_stack {
            let missing = scope.wanted.iter().filter(|want| !is_settled(want, scope, &services));
            let listed = listed(aws, scope.stack, missing, &gone).await?.without(&asked);
            services.extend(described(aws, &listed).await?.services);
        }
        let live = services.into_iter().filter(|service| service.status() != Some("INACTIVE"));
        Ok(live.map(|service| found(service, scope)).collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let call = write::create(aws, want).set_tags(Some(ecs::tags(tags)));
        let answer = call.send().await.named("ecs:CreateService")?;
        let arn = answer.service.and_then(|service| service.service_arn).unwrap_or_default();
        Ok(Made { outputs: Outputs { name: want.name.clone(), arn: arn.clone() }, id: arn })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let call = write::update(aws, &live.spec, want);
        call.send().await.named("ecs:UpdateService").map(drop)
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ecs::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.ecs.delete_service().cluster(live.spec.cluster.as_str());
        let call = call.service(&live.spec.name).force(true);
        call.send().await.or_missing("ecs:DeleteService").map(drop)
    }
}

const fn role_not_there_yet(on: On, code: &'static str, message: &'static str) -> Transient {
    Transient {
        on,
        code,
        message,
        budget: Duration::from_secs(2 * 60),
        because: "ECS cannot assume the new role yet",
    }
}

/// Names of services to ask for, by the names of their clusters.
#[derive(Default)]
struct Asked(BTreeMap<String, BTreeSet<String>>);

impl Asked {
    fn add(&mut self, cluster: &str, service: &str) {
        self.0.entry(cluster.to_owned()).or_default().insert(service.to_owned());
    }

    /// Adds what an ARN or its end, `cluster/service`, names.
    fn add_path(&mut self, path: &str) {
        let mut parts = path.rsplit('/');
        if let (Some(service), Some(cluster)) = (parts.next(), parts.next())
            && !cluster.contains(':')
        {
            self.add(cluster, service);
        }
    }

    fn merge(&mut self, other: Asked) {
        for (cluster, services) in other.0 {
            self.0.entry(cluster).or_default().extend(services);
        }
    }

    fn without(mut self, other: &Asked) -> Asked {
        for (cluster, services) in &mut self.0 {
            let known = other.0.get(cluster);
            services.retain(|service| known.is_none_or(|known| !known.contains(service)));
        }
        self
    }
}

/// What was asked for, and the clusters that do not exist.
#[derive(Default)]
struct Described {
    services: Vec<Service>,
    no_clusters: BTreeSet<String>,
}

async fn described(aws: &Aws, asked: &Asked) -> Result<Described, CloudError> {
    let batches = asked.0.iter().flat_map(|(cluster, services)| {
        let services: Vec<String> = services.iter().cloned().collect();
        let chunks: Vec<Vec<String>> = services.chunks(AT_ONCE).map(<[_]>::to_vec).collect();
        chunks.into_iter().map(move |services| (cluster.clone(), services))
    });
    let found = each(batches.collect::<Vec<_>>(), |(cluster, services)| async move {
        let call = aws.ecs.describe_services().cluster(&cluster).set_services(Some(services));
        let answer = call.include(ServiceField::Tags).send().await;
        // Without its cluster a service is gone as well.
        let answer = answer.or_missing("ecs:DescribeServices")?;
        Ok((cluster, answer.map(|answer| answer.services.unwrap_or_default())))
    });
    let mut described = Described::default();
    for (cluster, services) in found.await? {
        match services {
            Some(services) => described.services.extend(services),
            None => drop(described.no_clusters.insert(cluster)),
        }
    }
    Ok(described)
}

/// Whether a wanted service is among those found, and can become what is wanted of it. Otherwise
/// its replacement may be there already, under another name that the indexes don't know yet.
fn is_settled(
    want: &Want<EcsService>,
    scope: &Scope<'_, EcsService>,
    services: &[Service],
) -> bool {
    let Some(spec) = &want.spec else { return true };
    services.iter().filter(|service| service.status() == Some("ACTIVE")).any(|service| {
        wanted_of(service, scope).is_some_and(|wanted| wanted.address == want.address)
            && !read::spec(service).told_like(spec).cannot_become(spec)
    })
}

/// The services in the clusters of these that bear the stack's name in front.
async fn listed<'a>(
    aws: &Aws,
    stack: &str,
    missing: impl Iterator<Item = &'a Want<EcsService>>,
    no_clusters: &BTreeSet<String>,
) -> Result<Asked, CloudError> {
    let clusters: BTreeSet<String> = missing
        .filter_map(|want| want.spec.as_ref())
        .map(|spec| spec.cluster.as_str())
        .filter(|cluster| reference::is_known(cluster))
        .filter(|cluster| !no_clusters.contains(ecs::last_part(cluster)))
        .map(str::to_owned)
        .collect();
    let prefix = format!("{stack}-");
    let found = each(clusters, |cluster| async move {
        let pages = aws.ecs.list_services().cluster(&cluster).max_results(100).into_paginator();
        let arns = pages.items().send().collect::<Result<Vec<_>, _>>().await;
        Ok((cluster, arns.or_missing("ecs:ListServices")?.unwrap_or_default()))
    });
    let mut asked = Asked::default();
    for (cluster, arns) in found.await? {
        let names = arns.iter().map(|arn| ecs::last_part(arn));
        for name in names.filter(|name| name.starts_with(&prefix)) {
            asked.add(ecs::last_part(&cluster), name);
        }
    }
    Ok(asked)
}

/// The wanted thing that a service is: by its tags, otherwise by its name.
fn wanted_of<'a>(
    service: &Service,
    scope: &'a Scope<'_, EcsService>,
) -> Option<&'a Want<EcsService>> {
    let owner = landfall_model::Owner::from_tags(&ecs::tags_of(service.tags.clone()));
    let owned = owner.filter(|owner| owner.stack == scope.stack);
    scope.wanted.iter().find(|want| match &owned {
        Some(owner) => owner.address == want.address,
        None => want.spec.as_ref().map(|spec| spec.name.as_str()) == service.service_name(),
    })
}

fn found(service: Service, scope: &Scope<'_, EcsService>) -> Found<EcsService> {
    let want = wanted_of(&service, scope).and_then(|want| want.spec.as_ref());
    let spec = read::spec(&service);
    let arn = service.service_arn.clone().unwrap_or_default();
    Found {
        readiness: read::readiness(&service, want),
        spec: match want {
            Some(want) => spec.told_like(want),
            None => spec,
        },
        outputs: Outputs { name: service.service_name.unwrap_or_default(), arn: arn.clone() },
        tags: ecs::tags_of(service.tags),
        id: arn,
    }
}
