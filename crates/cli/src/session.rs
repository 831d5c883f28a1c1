//! A loaded spec, and AWS behind it.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use landfall_apply::{observe, obstacles};
use landfall_aws::{Aws, AwsCloud, Connection, registry};
use landfall_model::{Address, Cloud, Finding, Place, Reference, Stack, reference};
use landfall_plan::saved::{self, Saved};
use landfall_plan::{Goal, Observed, Plan, Target, answers};
use landfall_spec::{Input, Loaded, Problems, Source};
use landfall_view::{Header, Receipt, moved_text, plan_json, secret};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::args::SpecArgs;
use crate::door::Door;
use crate::error::CommandError;
use crate::saved_plan;
use crate::terminal::Terminal;

/// Reads a spec; warnings are said, errors end the command.
pub fn load(args: &SpecArgs, terminal: &Terminal) -> Result<Loaded, CommandError> {
    saved_plan::no_plan(&args.spec)?;
    let loaded = landfall_spec::load(Path::new(&args.spec), &input(args), &registry::catalogue())?;
    terminal.keep_out(&loaded.stack.secrets);
    if !loaded.warnings.is_empty() {
        let how = terminal.err();
        terminal.note(&loaded.source.render_all(&loaded.warnings, how.colour, how.width));
    }
    Ok(loaded)
}

/// The values of variables, as they are given.
fn input(args: &SpecArgs) -> Input {
    Input {
        vars: args.var.iter().cloned().collect(),
        var_files: args.var_file.clone(),
        env: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    }
}

/// A loaded spec, or a saved plan of one, and the account and region that it is for.
pub struct Session {
    pub stack: Stack,
    pub source: Source,
    /// The plan that was saved, where that is what was loaded.
    saved: Option<Saved>,
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
        let Loaded { stack, source, .. } = load(args, terminal)?;
        Session::connect(stack, source, None, door).await
    }

    /// The same for a saved plan. Refuses any other account or region than the plan's.
    pub async fn of_saved(
        saved: Saved,
        args: &SpecArgs,
        door: &Door,
        terminal: &Terminal,
    ) -> Result<Session, CommandError> {
        let names: Vec<&str> = saved.secrets.names().collect();
        let secrets = landfall_spec::secrets(&names, &input(args))?;
        terminal.keep_out(&secrets);
        for (name, value) in secrets.iter() {
            if !saved.secrets.holds(name, value) {
                let message = format!("the plan was made with another value of `{name}`");
                return Err(CommandError::new(message)
                    .hint("give it the same secrets, or plan again with the new ones"));
            }
        }
        let stack = saved.revealed(secrets);
        let target = saved.observed.target.clone();
        let session = Session::connect(stack, Source::default(), Some(saved), door).await?;
        if session.target != target {
            let of = |target: &Target| format!("account {} in {}", target.account, target.region);
            let message =
                format!("the plan is for {}, and this is {}", of(&target), of(&session.target));
            return Err(CommandError::new(message)
                .hint("nothing was read or written; choose the right AWS_PROFILE and AWS_REGION"));
        }
        Ok(session)
    }

    async fn connect(
        stack: Stack,
        source: Source,
        saved: Option<Saved>,
        door: &Door,
    ) -> Result<Session, CommandError> {
        let start = Instant::now();
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
        Ok(Session { stack, source, saved, cloud, header, target, start })
    }

    /// Reads AWS and plans. Writes nothing.
    pub async fn plan(&self, goal: Goal) -> Result<Planned, CommandError> {
        let cloud = self.cloud.as_ref();
        let read_at = cloud.aws().now();
        let observed = self.observe(goal).await?;
        let plan = landfall_plan::plan(&self.stack, &observed, cloud.catalogue(), goal)
            .map_err(|findings| self.findings(findings))?;
        let obstacles = obstacles(&plan, cloud).await?;
        Ok(Planned { plan, observed, read_at, obstacles })
    }

    async fn observe(&self, goal: Goal) -> Result<Observed, CommandError> {
        observe(&self.stack, self.cloud.as_ref(), self.target.clone(), goal)
            .await
            .map_err(|unreadable| CommandError::unreadable(unreadable, &self.source))
    }

    /// Reads AWS again for a saved plan: what is left to do of it. Refuses it where something that
    /// it would touch has moved, and says what. Writes nothing.
    pub async fn resume(&self, terminal: &Terminal) -> Result<(Planned, Goal), CommandError> {
        let Some(saved) = &self.saved else { return Err(CommandError::new("no plan was loaded")) };
        let (cloud, goal) = (self.cloud.as_ref(), saved.goal);
        let made = landfall_plan::plan(&self.stack, &saved.observed, cloud.catalogue(), goal)
            .ok()
            .filter(|plan| show(plan, &self.header)["changes"] == saved.plan["changes"])
            .filter(|plan| show(plan, &self.header)["steps"] == saved.plan["steps"]);
        let Some(made) = made else {
            let message = "the plan in this file is not what this landfall would do";
            return Err(CommandError::new(message)
                .hint("nothing was done; plan again: `landfall plan SPEC --out FILE`"));
        };
        let read_at = cloud.aws().now();
        let observed = self.observe(goal).await?;
        let times = (&saved.observed, &observed);
        let plan = saved::fit(&self.stack, &made, times, cloud.catalogue(), &veil);
        let plan = plan.map_err(|moved| {
            let place = |address: &_, path: &_| self.place(address, path);
            terminal.note(&moved_text::render(&moved, &place, &terminal.err()));
            CommandError::new("what this plan would touch has moved since; nothing was changed")
                .hint("plan again: `landfall plan SPEC --out FILE`")
        })?;
        let obstacles = obstacles(&plan, cloud).await?;
        Ok((Planned { plan, observed, read_at, obstacles }, goal))
    }

    /// Plans once more, or sees once more what is left to do of a saved plan.
    pub async fn again(&self, goal: Goal, terminal: &Terminal) -> Result<Planned, CommandError> {
        match self.saved {
            Some(_) => self.resume(terminal).await.map(|(planned, _)| planned),
            None => self.plan(goal).await,
        }
    }

    /// A plan to be kept in a file.
    pub fn save(&self, planned: &Planned, goal: Goal, salt: String) -> Result<Saved, CommandError> {
        let catalogue = self.cloud.catalogue();
        let show = |plan: &Plan| show(plan, &self.header);
        let (stack, observed) = (&self.stack, &planned.observed);
        let mut saved = Saved::new(stack, observed, goal, catalogue, salt, &veil, &show)
            .map_err(|findings| self.findings(findings))?;
        for (address, path, place) in self.source.places() {
            saved.places.entry(address).or_default().insert(path.to_string(), place.to_string());
        }
        Ok(saved)
    }

    /// Findings as an error, shown in the spec.
    pub fn findings(&self, mut findings: Vec<Finding>) -> CommandError {
        // Without the spec only its places are known.
        for finding in findings.iter_mut().filter(|_| self.saved.is_some()) {
            if let Place::Field(address, path) = &finding.place
                && let Some(place) = self.place(address, path)
            {
                finding.message = format!("{place}: {}", finding.message);
            }
        }
        Problems { findings, source: self.source.clone() }.into()
    }

    /// Where in the spec a field stands.
    pub fn place(&self, address: &Address, path: &landfall_model::Path) -> Option<String> {
        match &self.saved {
            Some(saved) => saved.place(address, path).map(str::to_owned),
            None => self.source.locate(address, path).map(|place| place.to_string()),
        }
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

/// The plan as it is kept in a file.
fn show(plan: &Plan, header: &Header) -> Value {
    plan_json::without_receipt(plan, header)
}

fn veil(path: &landfall_model::Path, value: &Value) -> Value {
    secret::hide(path, value, None)
}
