//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Container stacks on AWS from one readable spec, with AWS as the only state.
#[derive(Debug, Parser)]
#[command(name = "landfall", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// When to colour the output. NO_COLOR is respected.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    #[command(subcommand)]
    pub command: Command,
}

impl Command {
    /// The stack that it works on, and where that is.
    pub fn stack(&self) -> Option<&StackArgs> {
        match self {
            Command::Plan(args) => Some(&args.stack),
            Command::Apply(args) => Some(&args.stack),
            Command::Destroy(args) => Some(&args.apply.stack),
            Command::History(args) => Some(&args.stack),
            Command::Unlock(args) => Some(&args.stack),
            Command::Output(args) => Some(&args.stack),
            _ => None,
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Where the output is a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a spec offline: everything that is wrong with it, in one run.
    Validate(SpecArgs),
    /// Show what an apply would do. Writes nothing to AWS.
    Plan(PlanArgs),
    /// Bring AWS to what the spec says, or carry out a plan that `plan --out` saved.
    Apply(ApplyArgs),
    /// Delete what the stack owns, and nothing else.
    Destroy(DestroyArgs),
    /// Print the outputs of a stack.
    Output(OutputArgs),
    /// List the runs that changed a stack, or show one of them.
    History(HistoryArgs),
    /// Show who holds the lock of a stack, and free it.
    Unlock(UnlockArgs),
    /// Print the graph of a spec.
    Graph(GraphArgs),
    /// The embedded sandbox: an AWS in memory.
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Print the JSON Schema of specs, for editors.
    Schema,
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub struct SpecArgs {
    /// The spec.
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// The value of a variable. Wins over files, the environment and defaults.
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub var: Vec<(String, String)>,
    /// A YAML file of variables. Wins over LANDFALL_VAR_name in the environment.
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,
}

/// A spec, and where its stack is.
#[derive(Debug, Args)]
pub struct StackArgs {
    #[command(flatten)]
    pub spec: SpecArgs,
    /// Work on the embedded sandbox instead of AWS: no account, no network, no waiting. Its state
    /// is in .landfall/sandbox.json.
    #[arg(long)]
    pub sandbox: bool,
    /// A JSON file of what goes wrong in the sandbox (docs/sandbox.md).
    #[arg(long, value_name = "FILE", requires = "sandbox")]
    pub faults: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub stack: StackArgs,
    /// Exit with 0 if there is nothing to do, 2 if there is, 1 on an error.
    #[arg(long)]
    pub exit_code: bool,
    /// Print the plan as JSON (docs/plan-json.md).
    #[arg(long)]
    pub json: bool,
    /// Show what a destroy would do.
    #[arg(long)]
    pub destroy: bool,
    /// Save the plan: `landfall apply FILE` carries out what is shown, and nothing else
    /// (docs/saved-plans.md).
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub stack: StackArgs,
    /// Don't ask.
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub lock: LockArgs,
}

/// What to do about another run on the same stack.
#[derive(Debug, Args)]
pub struct LockArgs {
    /// Wait so long for another run that holds the lock of the stack: 90s, 10m, 1h.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
    /// Run without the lock of the stack, whoever holds it.
    #[arg(long, conflicts_with = "lock_timeout")]
    pub no_lock: bool,
}

#[derive(Debug, Args)]
pub struct DestroyArgs {
    #[command(flatten)]
    pub apply: ApplyArgs,
    /// Leave the journals of the stack's runs in AWS.
    #[arg(long)]
    pub keep_history: bool,
}

#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(flatten)]
    pub stack: StackArgs,
    /// Only this run, with its steps and AWS's request ids.
    #[arg(value_name = "RUN")]
    pub run: Option<u64>,
    /// List so many runs.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, conflicts_with = "run")]
    pub last: usize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct UnlockArgs {
    #[command(flatten)]
    pub stack: StackArgs,
    /// Don't ask.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct OutputArgs {
    #[command(flatten)]
    pub stack: StackArgs,
    /// Only this output, and nothing but its value.
    #[arg(long, value_name = "OUTPUT")]
    pub name: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct GraphArgs {
    #[command(flatten)]
    pub spec: SpecArgs,
    /// The language to print it in.
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub format: GraphFormat,
}

#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve the sandbox on a loopback port, for the AWS CLI, SDKs and Terraform.
    Serve(ServeArgs),
    /// Begin with an empty account again.
    Reset(ResetArgs),
    /// Print what is in the sandbox.
    Show {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The address to listen on. Port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4588")]
    pub listen: SocketAddr,
    /// How many seconds pass in the sandbox in a second.
    #[arg(long, value_name = "FACTOR", default_value_t = 600.0, value_parser = speed)]
    pub speed: f64,
    /// Keep nothing: a new account, gone with the process.
    #[arg(long)]
    pub in_memory: bool,
    /// Begin in an account that has never used ECS, so that its service-linked role comes late.
    #[arg(long)]
    pub new_account: bool,
    #[command(flatten)]
    pub begin: ResetArgs,
    /// A JSON file of what goes wrong (docs/sandbox.md).
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

/// How a new world begins.
#[derive(Clone, Copy, Debug, Args)]
pub struct ResetArgs {
    /// The seed of a new account's ids and delays.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Nothing in a new account takes time.
    #[arg(long)]
    pub no_delays: bool,
}

/// The language of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// Graphviz.
    Dot,
    /// Mermaid, as Markdown renderers draw it.
    Mermaid,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed > 0.0 => Ok(speed),
        _ => Err("a number above 0".to_owned()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) =
        text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("write it like 90s, 10m or 1h".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write it like 90s, 10m or 1h".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
