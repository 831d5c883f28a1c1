//! Clients for one account and region. Never global: a run may work in several.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use landfall_model::{CloudError, Refusal};

use crate::calls::Calls;
use crate::clock::Clock;
use crate::error::Answer;
use crate::pace::Paced;
use crate::tokens::Tokens;
use crate::unanswered::{LookFirst, OnceOnly};

/// How often a read is tried in all when AWS fails inside or the connection breaks.
const ATTEMPTS: u32 = 8;

/// Where to connect, as far as it is not left to AWS's standard chain.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// The region's code.
    pub region: Option<String>,
    /// Another endpoint than AWS's own.
    pub endpoint: Option<String>,
    /// The credentials.
    pub credentials: Option<Credentials>,
    /// Another AWS than the one over the net. Nothing of the environment counts then.
    pub embedded: Option<Embedded>,
}

/// An AWS in this process.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// What answers the requests.
    pub http: SharedHttpClient,
    /// Its clock.
    pub time: SharedTimeSource,
    /// What client tokens are drawn from.
    pub seed: u64,
    /// What it is called where an endpoint would be told.
    pub name: String,
}

/// Clients of all services for one account and region.
#[derive(Clone, Debug)]
pub struct Aws {
    /// The region's code.
    pub region: String,
    /// The endpoint, where it is not AWS's own (`AWS_ENDPOINT_URL`).
    pub endpoint: Option<String>,
    /// The calls made so far.
    pub calls: Calls,
    /// AWS's clock.
    pub(crate) clock: Clock,
    /// Where client tokens come from.
    pub(crate) tokens: Tokens,
    /// The account's twelve digits.
    pub account: String,
    /// The ARN of whoever the credentials belong to.
    pub caller: String,
    /// The partition of ARNs: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// Certificate Manager.
    pub acm: aws_sdk_acm::Client,
    /// EC2, VPCs among it.
    pub ec2: aws_sdk_ec2::Client,
    /// Elastic Container Registry.
    pub ecr: aws_sdk_ecr::Client,
    /// Elastic Container Service.
    pub ecs: aws_sdk_ecs::Client,
    /// Elastic Load Balancing v2.
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    /// Identity and Access Management.
    pub iam: aws_sdk_iam::Client,
    /// Resource Groups Tagging.
    pub tagging: aws_sdk_resourcegroupstagging::Client,
}

/// A service's client. Configurations of the services share no type, but for their words.
macro_rules! client {
    ($service:ident, $config:expr) => {
        $service::Client::from_conf(
            $service::config::Builder::from($config).retry_classifier(LookFirst).build(),
        )
    };
}

impl Aws {
    /// Connects by AWS's standard chain: environment, profiles, SSO, container and instance roles,
    /// `AWS_ENDPOINT_URL`. What is given here wins over the chain. Asks AWS who the credentials
    /// belong to (`sts:GetCallerIdentity`, which needs no permission).
    pub async fn connect(connection: Connection) -> Result<Aws, CloudError> {
        let calls = Calls::default();
        let seed = connection.embedded.as_ref().map(|embedded| embedded.seed);
        let time = connection.embedded.as_ref().map(|embedded| embedded.time.clone());
        let clock = time.map_or_else(Clock::default, Clock::by);
        let (config, name) = match connection.embedded.clone() {
            Some(embedded) => {
                (embedded_config(&connection, &embedded, &calls, &clock), Some(embedded.name))
            }
            None => {
                let config = standard_config(connection, &calls, &clock).await;
                let endpoint = config.endpoint_url().map(without_password);
                (config, endpoint)
            }
        };
        let Some(region) = config.region().map(|region| region.as_ref().to_owned()) else {
            return Err(CloudError {
                refusal: Refusal::NoCredentials,
                ..CloudError::unexpected("connect", "no region is set")
            });
        };
        let sts = aws_sdk_sts::Client::new(&config);
        let answer = sts.get_caller_identity().send().await.named("sts:GetCallerIdentity")?;
        // Without an account nothing can say whose things these are.
        let (Some(account), Some(arn)) = (answer.account, answer.arn) else {
            let message = "AWS does not say whose credentials these are";
            return Err(CloudError::unexpected("sts:GetCallerIdentity", message));
        };
        let partition = arn.split(':').nth(1).filter(|partition| !partition.is_empty());
        Ok(Aws {
            endpoint: name,
            tokens: seed.map_or_else(Tokens::by_chance, Tokens::of_seed),
            calls,
            clock,
            region,
            account,
            partition: partition.unwrap_or("aws").to_owned(),
            caller: arn.clone(),
            logs: client!(aws_sdk_cloudwatchlogs, &config),
            acm: client!(aws_sdk_acm, &config),
            ec2: client!(aws_sdk_ec2, &config),
            ecr: client!(aws_sdk_ecr, &config),
            ecs: client!(aws_sdk_ecs, &config),
            elb: client!(aws_sdk_elasticloadbalancingv2, &config),
            iam: client!(aws_sdk_iam, &config),
            tagging: client!(aws_sdk_resourcegroupstagging, &config),
        })
    }
}

/// AWS's standard chain, but for what the connection says.
async fn standard_config(connection: Connection, calls: &Calls, clock: &Clock) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(careful(http, calls, clock))
        .timeout_config(timeouts())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS));
    if let Some(region) = connection.region {
        loader = loader.region(Region::new(region));
    }
    if let Some(endpoint) = connection.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(credentials) = connection.credentials {
        loader = loader.credentials_provider(credentials);
    }
    loader.load().await
}

/// An AWS in this process: its own clock, and no chance but its own.
fn embedded_config(
    connection: &Connection,
    embedded: &Embedded,
    calls: &Calls,
    clock: &Clock,
) -> SdkConfig {
    let region = connection.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "embedded", None, None, "embedded");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(careful(embedded.http.clone(), calls, clock))
        .time_source(embedded.time.clone())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .timeout_config(timeouts())
        // A request is handed over whole, which would look like an upload that stalls.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_use_static_exponential_base(true),
        )
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// An HTTP client that counts, keeps AWS's pace, and repeats no write on its own.
fn careful(http: SharedHttpClient, calls: &Calls, clock: &Clock) -> SharedHttpClient {
    Paced::around(OnceOnly::around(calls.counting(http, clock)), calls)
}

/// A URL as it may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => url.to_owned(),
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        // Waiting for AWS's pace counts, too; how long an answer may take has a limit of its own.
        .operation_attempt_timeout(Duration::from_secs(6 * 60))
        .build()
}

impl Aws {
    /// AWS's time, in milliseconds since 1970, as far as the answers so far tell.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// The ARN of a thing in this account and region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let Aws { partition, region, account, .. } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_shown_without_its_password() {
        let shown = without_password("http://user:p@ss@127.0.0.1:4566/path@x");
        assert_eq!(shown, "http://127.0.0.1:4566/path@x");
        assert_eq!(without_password("http://127.0.0.1:4566"), "http://127.0.0.1:4566");
    }
}
