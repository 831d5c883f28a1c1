//! `ecs_cluster`: where ECS runs tasks.

use std::time::Duration;

use aws_sdk_ecs::types::{
    Cluster, ClusterConfiguration, ClusterField, ClusterServiceConnectDefaultsRequest,
    ClusterSetting, ClusterSettingName, ExecuteCommandConfiguration,
    ExecuteCommandLogConfiguration, ExecuteCommandLogging,
};
use futures_util::future::try_join;
use landfall_model::types::{Ref, Set, Target};
use landfall_model::{
    CloudError, Field, Finding, KindRules, Naming, On, Readiness, TagChange, Tags, Transient,
    reference,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::batches;
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::kinds::log_group::LogGroup;
use crate::services::ecs::{self, CapacityProvider};

/// `ecs_cluster`.
pub enum EcsCluster {}

/// A cluster in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// Whether CloudWatch gathers metrics of its tasks. Default: disabled.
    #[serde(default)]
    pub container_insights: ContainerInsights,
    /// The capacity providers that its services can use: `FARGATE`, `FARGATE_SPOT`, or the names
    /// of the account's own.
    #[serde(default)]
    pub capacity_providers: Set<String>,
    /// What services use that name neither a launch type nor a strategy.
    #[serde(default)]
    pub default_capacity_provider_strategy: Set<CapacityProvider>,
    /// How sessions of ECS Exec are encrypted and logged.
    #[serde(default)]
    pub execute_command: ExecuteCommand,
    /// The ARN of the Cloud Map namespace that Service Connect uses where a service names none.
    pub service_connect_namespace: Option<String>,
}

/// Whether CloudWatch gathers metrics of a cluster's tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContainerInsights {
    /// It doesn't.
    #[default]
    Disabled,
    /// Metrics of clusters, services and tasks.
    Enabled,
    /// Metrics of containers, too.
    Enhanced,
}

/// How sessions of ECS Exec are encrypted and logged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecuteCommand {
    /// The KMS key that encrypts what goes between client and container, by id or ARN.
    pub kms_key: Option<String>,
    /// Where sessions are logged. Default: as the task's `awslogs` driver does.
    #[serde(default)]
    pub logging: ExecLogging,
    /// The log group that sessions are logged to, with `logging: override`.
    pub log_group: Option<Ref<LogGroup>>,
    /// Whether the log group has to be encrypted. Default: false.
    #[serde(default)]
    pub log_group_encryption: bool,
    /// The S3 bucket that sessions are logged to, with `logging: override`.
    pub s3_bucket: Option<String>,
    /// The folder in the bucket.
    pub s3_prefix: Option<String>,
    /// Whether the bucket has to be encrypted. Default: false.
    #[serde(default)]
    pub s3_encryption: bool,
}

/// Where sessions of ECS Exec are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecLogging {
    /// Nowhere.
    None,
    /// Where the task's `awslogs` driver logs.
    #[default]
    Default,
    /// To the log group or the bucket named beside.
    Override,
}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

impl Target for EcsCluster {
    const KIND: &'static str = "ecs_cluster";
    const OUTPUT: &'static str = "arn";
    const LITERAL: &'static str = "arn:";
}

/// `ecs:DescribeClusters` takes at most 100 names.
const AT_ONCE: usize = 100;

impl Kind for EcsCluster {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("name").identity(),
            Field::mutable("container_insights"),
            Field::mutable("capacity_providers"),
            Field::mutable("default_capacity_provider_strategy"),
            Field::mutable("execute_command"),
            Field::mutable("service_connect_namespace"),
        ],
        naming: Some(Naming {
            field: "name",
            prefix: "",
            max: 255,
            underscores: true,
            lower_case: false,
            stable: true,
        }),
        predictable_arn: Some("arn:{partition}:ecs:{region}:{account}:cluster/{name}"),
        transients: &[
            Transient {
                on: On::Create,
                code: "InvalidParameterException",
                message: "Unable to assume the service linked role",
                budget: Duration::from_secs(60),
                because: "AWS is making the service-linked role of ECS",
            },
            Transient::within(
                60,
                On::Update,
                "InvalidParameterException",
                "Unable to assume the service linked role",
                "AWS is making the service-linked role of ECS",
            ),
            Transient::within(
                5 * 60,
                On::Update,
                "ClientException",
                "Cluster was not ACTIVE",
                "the cluster is still being provided with capacity",
            ),
            Transient::within(
                30,
                On::Update,
                "ClusterNotFoundException",
                "",
                "ECS does not know the new cluster everywhere yet",
            ),
            Transient {
                on: On::Update,
                code: "UpdateInProgressException",
                message: "",
                budget: Duration::from_secs(5 * 60),
                because: "an earlier change of its capacity providers is still under way",
            },
            Transient {
                on: On::Update,
                code: "ResourceInUseException",
                message: "",
                budget: Duration::from_secs(5 * 60),
                because: "its capacity providers are still in use",
            },
            Transient {
                on: On::Delete,
                code: "ClusterContainsServicesException",
                message: "",
                budget: Duration::from_secs(5 * 60),
                because: "its services are still going away",
            },
            Transient {
                on: On::Delete,
                code: "ClusterContainsTasksException",
                message: "",
                budget: Duration::from_secs(5 * 60),
                because: "its tasks are still stopping",
            },
            Transient::within(
                5 * 60,
                On::Delete,
                "ClusterContainsContainerInstancesException",
                "",
                "its container instances are still being deregistered",
            ),
            Transient {
                on: On::Delete,
                code: "UpdateInProgressException",
                message: "",
                budget: Duration::from_secs(5 * 60),
                because: "a change of its capacity providers is still under way",
            },
        ],
        ..KindRules::new("ecs_cluster", "ecs", "ecs:cluster")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            check_name("name", &spec.name, "a cluster").into_iter().collect();
        let strategy = "default_capacity_provider_strategy";
        findings.extend(ecs::check_strategy(strategy, &spec.default_capacity_provider_strategy));
        for (index, item) in spec.default_capacity_provider_strategy.iter().enumerate() {
            if !spec.capacity_providers.iter().any(|provider| *provider == item.provider) {
                let message =
                    format!("`{}` is not among the cluster's capacity providers", item.provider);
                let finding = Finding::field(&format!("{strategy}[{index}].provider"), message);
                findings.push(finding.help("add it to `capacity_providers`"));
            }
        }
        let exec = &spec.execute_command;
        let somewhere = exec.log_group.is_some() || exec.s3_bucket.is_some();
        match exec.logging {
            ExecLogging::Override if !somewhere => findings.push(
                Finding::field("execute_command.logging", "`override` needs a place to log to")
                    .help("add `log_group` or `s3_bucket`"),
            ),
            ExecLogging::None | ExecLogging::Default if somewhere => findings.push(
                Finding::field(
                    "execute_command.logging",
                    "a log group or bucket has an effect only with `logging: override`",
                )
                .help("add `logging: override`"),
            ),
            _ => {}
        }
        if let Some(namespace) = &spec.service_connect_namespace
            && reference::is_known(namespace)
            && !namespace.starts_with("arn:")
        {
            // By name ECS would make a namespace of its own, and answer with its ARN.
            findings.push(Finding::field(
                "service_connect_namespace",
                "a namespace is given by its ARN, which starts with `arn:`",
            ));
        }
        findings
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let mut known = scope.wanted_names(|spec| &spec.name);
        let ids = scope.wanted_ids();
        known.extend(ids.iter().map(|id| ecs::last_part(id).to_owned()));
        known.sort();
        known.dedup();
        // The indexes are asked at the same time; in general they know of nothing else.
        let hinted = async {
            let mut hinted = scope.hinted_names(aws).await?;
            hinted.retain(|name| known.binary_search(name).is_err());
            described(aws, &hinted).await
        };
        let (known, hinted) = try_join(described(aws, &known), hinted).await?;
        let all = known.into_iter().chain(hinted);
        Ok(all.filter(|cluster| cluster.status.as_deref() != Some("INACTIVE")).map(found).collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let exec = (want.execute_command != ExecuteCommand::default())
            .then(|| configuration(&want.execute_command));
        let answer = aws
            .ecs
            .create_cluster()
            .cluster_name(&want.name)
            .settings(insights(want.container_insights))
            .set_configuration(exec)
            .set_capacity_providers(Some(want.capacity_providers.iter().cloned().collect()))
            .set_default_capacity_provider_strategy(Some(strategy(want)))
            .set_service_connect_defaults(
                want.service_connect_namespace.as_deref().and_then(connect_defaults),
            )
            .set_tags(Some(ecs::tags(tags)))
            .send()
            .await
            .named("ecs:CreateCluster")?;
        let arn = answer.cluster.and_then(|cluster| cluster.cluster_arn).unwrap_or_default();
        Ok(Made { outputs: Outputs { name: want.name.clone(), arn: arn.clone() }, id: arn })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        let is = &live.spec;
        let mut call = aws.ecs.update_cluster().cluster(&live.id);
        let mut differs = false;
        if want.container_insights != is.container_insights {
            call = call.settings(insights(want.container_insights));
            differs = true;
        }
        if want.execute_command != is.execute_command {
            call = call.configuration(configuration(&want.execute_command));
            differs = true;
        }
        if want.service_connect_namespace != is.service_connect_namespace {
            // The empty namespace takes the default away.
            let namespace = want.service_connect_namespace.as_deref().unwrap_or_default();
            call = call.set_service_connect_defaults(connect_defaults(namespace));
            differs = true;
        }
        if differs {
            call.send().await.named("ecs:UpdateCluster")?;
        }
        if want.capacity_providers != is.capacity_providers
            || want.default_capacity_provider_strategy != is.default_capacity_provider_strategy
        {
            aws.ecs
                .put_cluster_capacity_providers()
                .cluster(&live.id)
                .set_capacity_providers(Some(want.capacity_providers.iter().cloned().collect()))
                .set_default_capacity_provider_strategy(Some(strategy(want)))
                .send()
                .await
                .named("ecs:PutClusterCapacityProviders")?;
        }
        Ok(())
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        ecs::retag(aws, &live.id, change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let call = aws.ecs.delete_cluster().cluster(&live.id);
        call.send().await.or_missing("ecs:DeleteCluster").map(drop)
    }
}

/// The rule for names of clusters, services, families and containers: up to 255 letters, digits,
/// hyphens and underscores.
pub(crate) fn check_name(field: &str, name: &str, whose: &str) -> Option<Finding> {
    let odd = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (reference::is_known(name) && (name.len() > 255 || name.contains(odd))).then(|| {
        let message = format!("{whose}'s name has at most 255 letters, digits, hyphens and _");
        Finding::field(field, message)
    })
}

async fn described(aws: &Aws, names: &[String]) -> Result<Vec<Cluster>, CloudError> {
    batches(names, AT_ONCE, |names| async {
        let call = aws.ecs.describe_clusters().set_clusters(Some(names));
        let call = call.include(ClusterField::Tags).include(ClusterField::Settings);
        let call = call.include(ClusterField::Configurations);
        // What does not exist is named among the answer's failures.
        let answer = call.send().await.or_missing("ecs:DescribeClusters")?;
        Ok(answer.and_then(|answer| answer.clusters).unwrap_or_default())
    })
    .await
}

fn insights(wanted: ContainerInsights) -> ClusterSetting {
    let setting = ClusterSetting::builder().name(ClusterSettingName::ContainerInsights);
    setting.value(ecs::word(&wanted)).build()
}

fn strategy(want: &Spec) -> Vec<aws_sdk_ecs::types::CapacityProviderStrategyItem> {
    let items = want.default_capacity_provider_strategy.iter();
    items.filter_map(CapacityProvider::to_aws).collect()
}

fn connect_defaults(namespace: &str) -> Option<ClusterServiceConnectDefaultsRequest> {
    ClusterServiceConnectDefaultsRequest::builder().namespace(namespace).build().ok()
}

fn configuration(exec: &ExecuteCommand) -> ClusterConfiguration {
    let log = ExecuteCommandLogConfiguration::builder()
        .set_cloud_watch_log_group_name(exec.log_group.as_ref().map(String::from))
        .cloud_watch_encryption_enabled(exec.log_group_encryption)
        .set_s3_bucket_name(exec.s3_bucket.clone())
        .set_s3_key_prefix(exec.s3_prefix.clone())
        .s3_encryption_enabled(exec.s3_encryption)
        .build();
    let overrides = exec.logging == ExecLogging::Override;
    let command = ExecuteCommandConfiguration::builder()
        .set_kms_key_id(exec.kms_key.clone())
        .logging(ExecuteCommandLogging::from(ecs::capitals(&exec.logging).as_str()))
        .set_log_configuration(overrides.then_some(log))
        .build();
    ClusterConfiguration::builder().execute_command_configuration(command).build()
}

fn execute_command(command: ExecuteCommandConfiguration) -> ExecuteCommand {
    let log = command.log_configuration;
    let encrypted = |of: fn(&ExecuteCommandLogConfiguration) -> bool| log.as_ref().is_some_and(of);
    ExecuteCommand {
        kms_key: ecs::filled(command.kms_key_id),
        logging: command
            .logging
            .and_then(|logging| ecs::spoken(logging.as_str()))
            .unwrap_or_default(),
        log_group_encryption: encrypted(|log| log.cloud_watch_encryption_enabled),
        s3_encryption: encrypted(|log| log.s3_encryption_enabled),
        log_group: log
            .as_ref()
            .and_then(|log| ecs::filled(log.cloud_watch_log_group_name.clone()))
            .map(Ref::new),
        s3_bucket: log.as_ref().and_then(|log| ecs::filled(log.s3_bucket_name.clone())),
        s3_prefix: log.and_then(|log| ecs::filled(log.s3_key_prefix)),
    }
}

fn found(cluster: Cluster) -> Found<EcsCluster> {
    let arn = cluster.cluster_arn.unwrap_or_default();
    let name = cluster.cluster_name.unwrap_or_default();
    let insights = cluster.settings.unwrap_or_default().into_iter().find_map(|setting| {
        let ours = setting.name == Some(ClusterSettingName::ContainerInsights);
        setting.value.filter(|_| ours)
    });
    let exec = cluster.configuration.and_then(|all| all.execute_command_configuration);
    let strategy = cluster.default_capacity_provider_strategy.unwrap_or_default();
    let namespace = cluster.service_connect_defaults.and_then(|defaults| defaults.namespace);
    let why = || "it is being taken down".to_owned();
    Found {
        id: arn.clone(),
        spec: Spec {
            name: name.clone(),
            container_insights: insights.and_then(|value| ecs::spoken(&value)).unwrap_or_default(),
            capacity_providers: cluster
                .capacity_providers
                .unwrap_or_default()
                .into_iter()
                .collect(),
            default_capacity_provider_strategy: strategy.iter().map(CapacityProvider::of).collect(),
            execute_command: exec.map(execute_command).unwrap_or_default(),
            service_connect_namespace: ecs::filled(namespace),
        },
        outputs: Outputs { name, arn },
        tags: ecs::tags_of(cluster.tags),
        readiness: match cluster.status.as_deref() {
            Some("PROVISIONING") => Readiness::Pending("provisioning".to_owned()),
            Some("DEPROVISIONING") => Readiness::Leaving(why()),
            Some("FAILED") => Readiness::Failed("its capacity could not be provided".to_owned()),
            _ => Readiness::Ready,
        },
    }
}
