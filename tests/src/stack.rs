//! A stack in this process, against a world: loaded, planned and applied by landfall's own crates.

use std::sync::Arc;

use landfall_apply::{Limits, Stop, observe};
use landfall_aws::{Aws, AwsCloud, Connection, Credentials, Embedded, registry};
use landfall_model::{Cloud, Stack};
use landfall_plan::{Event, Goal, Observed, Outcome, Plan, Target};
use landfall_sandbox::connector::{Connector, SandboxTime};
use landfall_sandbox::sandbox::Sandbox;
use landfall_spec::{Given, NoDocuments};
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::world::World;

/// A cloud at the world's recorder.
pub async fn cloud(world: &World) -> Arc<AwsCloud> {
    let env: std::collections::HashMap<String, String> = world.env().into_iter().collect();
    let credentials = Credentials::new(
        &env["AWS_ACCESS_KEY_ID"],
        &env["AWS_SECRET_ACCESS_KEY"],
        env.get("AWS_SESSION_TOKEN").cloned(),
        None,
        "tests",
    );
    let connection = Connection {
        region: env.get("AWS_REGION").cloned(),
        endpoint: env.get("AWS_ENDPOINT_URL").cloned(),
        credentials: Some(credentials),
        embedded: None,
    };
    let aws = Aws::connect(connection).await;
    Arc::new(AwsCloud::new(aws.unwrap_or_else(|error| panic!("cannot connect: {error}"))))
}

/// A sandbox as a cloud, without a wire in between. Within a paused runtime waiting takes no time.
pub async fn in_process(sandbox: &Arc<Sandbox>) -> Arc<AwsCloud> {
    connected(sandbox, Connector::new(Arc::clone(sandbox))).await
}

/// The same for a client that can die; whoever waits for its death has to drop it.
pub async fn mortal(sandbox: &Arc<Sandbox>, death: Arc<Notify>) -> Arc<AwsCloud> {
    connected(sandbox, Connector::mortal(Arc::clone(sandbox), death)).await
}

async fn connected(sandbox: &Arc<Sandbox>, connector: Connector) -> Arc<AwsCloud> {
    let embedded = Embedded {
        http: connector.into_shared(),
        time: SandboxTime::new(Arc::clone(sandbox)).into_shared(),
        seed: sandbox.with_world(|world| world.chance.draw()),
        name: "the sandbox".to_owned(),
    };
    let connection = Connection { embedded: Some(embedded), ..Connection::default() };
    let aws = Aws::connect(connection).await;
    Arc::new(AwsCloud::new(aws.unwrap_or_else(|error| panic!("cannot connect: {error}"))))
}

/// Loads a spec that is given as a value.
pub fn load(spec: &Value) -> Result<Stack, String> {
    parse(&format!("{spec:#}"))
}

/// Loads a spec that is given as text.
pub fn parse(text: &str) -> Result<Stack, String> {
    landfall_spec::parse("spec", text, &Given::default(), &registry::catalogue(), &NoDocuments)
        .map(|loaded| loaded.stack)
        .map_err(|problems| problems.to_string())
}

/// Reads the world and plans.
pub async fn plan(stack: &Stack, cloud: &AwsCloud, goal: Goal) -> Result<(Plan, Observed), String> {
    let aws = cloud.aws();
    let target = Target {
        account: aws.account.clone(),
        region: aws.region.clone(),
        partition: aws.partition.clone(),
    };
    let observed = observe(stack, cloud, target, goal).await;
    let observed = observed.map_err(|unreadable| unreadable.error.to_string())?;
    let plan = landfall_plan::plan(stack, &observed, cloud.catalogue(), goal);
    plan.map(|plan| (plan, observed)).map_err(|findings| format!("{findings:#?}"))
}

/// Plans and applies; what failed is the error.
pub async fn converge(
    stack: &Stack,
    cloud: &Arc<AwsCloud>,
    goal: Goal,
) -> Result<(Plan, Outcome), String> {
    let (_stop, run) = watch::channel(Stop::Run);
    let (plan, outcome) =
        converge_until(stack, cloud, goal, Limits::default(), run, &mut |_| {}).await?;
    match outcome.is_complete() {
        true => Ok((plan, outcome)),
        false => {
            Err(format!("failed: {:#?}\nnot started: {:?}", outcome.failed, outcome.not_started))
        }
    }
}

/// Plans and applies as far as somebody lets it, who is told what happens.
pub async fn converge_until(
    stack: &Stack,
    cloud: &Arc<AwsCloud>,
    goal: Goal,
    limits: Limits,
    stop: watch::Receiver<Stop>,
    events: &mut dyn FnMut(Event),
) -> Result<(Plan, Outcome), String> {
    let (plan, observed) = plan(stack, cloud, goal).await?;
    let cloud = cloud.clone();
    let outcome = landfall_apply::apply(&plan, &observed, cloud, limits, events, stop).await;
    Ok((plan, outcome))
}
