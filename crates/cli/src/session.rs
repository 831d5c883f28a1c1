//! A loaded spec, and AWS behind it.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use landfall_apply::{observe, obstacles};
use landfall_aws::{Aws, AwsCloud, Connection, registry};
use landfall_model::{Address, Cloud, Finding, Reference, Stack, reference};
use landfall_plan::{Goal, Observed, Plan, Target, answers};
use landfall_spec::{Input, Loaded, Problems, Source};
use landfall_view::{Header, Receipt};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::args::SpecArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::terminal::Terminal;

/// Reads a spec; warnings are said, errors end the command.
pub fn load(args: &SpecArgs, terminal: &Terminal) -> Result<Loaded, CommandError> {
    let input = Input {
        vars: args.var.iter().cloned().collect(),
        var_files: args.var_file.clone(),
        env: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    let loaded = landfall_spec::load(Path::new(&args.spec), &input, &registry::catalogue())?;
    if !loaded.warnings.is_empty() {
        let how = terminal.err();
        terminal.note(&loaded.source.render_all(&loaded.warnings, how.colour, how.width));
    }
    Ok(loaded)
}

/// A loaded spec and the account and region that it is for.
pub struct Session {
    pub stack: Stack,
    pub source: Source,
    pub cloud: Arc<AwsCloud>,
    pub header: Header,
    target: Target,
    start: Instant,
}

/// A plan and what it was made from.
pub struct Planned {
    pub plan: Plan,
    pub observed: Observed,
    /// AWS's time before the first read, in milliseconds since 1970.
    pub read_at: u64,
    /// What stands in its way and has to be decided by a person.
    pub obstacles: Vec<Finding>,
}

impl Session {
    /// Connects to AWS. Refuses an account that the spec does not name before anything is read.
    pub async fn open(
        args: &SpecArgs,
        door: &Door,
        terminal: &Terminal,
    ) -> Result<Session, CommandError> {
        let start = Instant::now();
        let Loaded { stack, source, .. } = load(args, terminal)?;
        let region = stack.region.clone();
        let embedded = door.embedded();
        let aws = Aws::connect(Connection { region, embedded, ..Connection::default() }).await?;
        if let Some(account) = stack.account.as_ref().filter(|account| **account != aws.account) {
            let message = format!(
                "the spec is for account {account}, and the credentials belong to {} ({})",
                aws.account, aws.caller
            );
            return Err(CommandError::new(message)
                .hint("nothing was read or written; choose the right AWS_PROFILE"));
        }
        let target = Target {
            account: aws.account.clone(),
            region: aws.region.clone(),
            partition: aws.partition.clone(),
        };
        let header = Header {
            stack: stack.name.clone(),
            account: aws.account.clone(),
            region: aws.region.clone(),
            endpoint: aws.endpoint.clone(),
        };
        let cloud = Arc::new(AwsCloud::new(aws));
        Ok(Session { stack, source, cloud, header, target, start })
    }

    /// Reads AWS and plans. Writes nothing.
    pub async fn plan(&self, goal: Goal) -> Result<Planned, CommandError> {
        let cloud = self.cloud.as_ref();
        let read_at = cloud.aws().now();
        let observed = observe(&self.stack, cloud, self.target.clone(), goal)
            .await
            .map_err(|unreadable| CommandError::unreadable(unreadable, &self.source))?;
        let plan = landfall_plan::plan(&self.stack, &observed, cloud.catalogue(), goal)
            .map_err(|findings| self.findings(findings))?;
        let obstacles = obstacles(&plan, cloud).await?;
        Ok(Planned { plan, observed, read_at, obstacles })
    }

    /// Findings as an error, shown in the spec.
    pub fn findings(&self, findings: Vec<Finding>) -> CommandError {
        Problems { findings, source: self.source.clone() }.into()
    }

    /// Where in the spec a field stands.
    pub fn place(&self, address: &Address, path: &landfall_model::Path) -> Option<String> {
        self.source.locate(address, path).map(|place| place.to_string())
    }

    /// What the run has cost so far.
    pub fn receipt(&self, plan: &Plan) -> Receipt {
        let calls = &self.cloud.aws().calls;
        Receipt {
            resources: plan.changes.len(),
            calls: calls.all(),
            writes: calls.writes(),
            retries: calls.retries(),
            put_off: calls.put_off().as_secs_f64(),
            seconds: self.start.elapsed().as_secs_f64(),
        }
    }

    /// The spec's outputs, as far as they are known.
    pub fn outputs(
        &self,
        observed: &Observed,
        things: &IndexMap<Address, Map<String, Value>>,
    ) -> IndexMap<String, Value> {
        let known = |reference: &Reference| match reference.address() {
            Some(address) => things.get(address)?.get(&reference.output).cloned(),
            None => answers(observed, reference),
        };
        let outputs = self.stack.outputs.iter();
        outputs
            .map(|(name, output)| (name.clone(), reference::resolve(&output.value, &known)))
            .collect()
    }
}
