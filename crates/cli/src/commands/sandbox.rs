//! `landfall sandbox serve | reset | show`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use landfall_sandbox::sandbox::Sandbox;
use landfall_sandbox::store::Store;
use landfall_sandbox::world::{Delays, World};
use landfall_sandbox::{inventory, server};

use crate::args::{ResetArgs, SandboxCommand, ServeArgs};
use crate::door::{STATE, schedule};
use crate::error::CommandError;
use crate::interrupt;
use crate::terminal::Terminal;

pub async fn run(command: &SandboxCommand, terminal: &Terminal) -> Result<ExitCode, CommandError> {
    match command {
        SandboxCommand::Serve(args) => serve(args, terminal).await?,
        SandboxCommand::Reset(args) => {
            Store::lock(Path::new(STATE))?.save(&new_world(*args))?;
            terminal.print(&format!("{STATE} holds an empty account.\n"));
        }
        SandboxCommand::Show { json } => {
            let (_, world) = Store::open(Path::new(STATE))?;
            let world = world.unwrap_or_else(|| World::new(0, Delays::AsOnAws));
            terminal.print(&match *json {
                true => format!("{:#}\n", inventory::json(&world)),
                false => inventory::text(&world),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn new_world(args: ResetArgs) -> World {
    World::new(args.seed, if args.no_delays { Delays::None } else { Delays::AsOnAws })
}

async fn serve(args: &ServeArgs, terminal: &Terminal) -> Result<(), CommandError> {
    let (store, world) = match args.in_memory {
        true => (None, None),
        false => Store::open(Path::new(STATE)).map(|(store, world)| (Some(store), world))?,
    };
    let begun = || match args.new_account {
        true => new_world(args.begin).today(),
        false => new_world(args.begin).accustomed().today(),
    };
    let sandbox = Sandbox::new(world.unwrap_or_else(begun), args.speed);
    let kept = match store {
        Some(store) => {
            sandbox.keep(store);
            STATE
        }
        None => "memory",
    };
    if let Some(path) = &args.faults {
        sandbox.disturb(schedule(path)?);
    }
    let listener = server::bind(args.listen).await.map_err(|error| {
        CommandError::new(format!("cannot listen on {}: {error}", args.listen))
            .hint("choose another with --listen 127.0.0.1:PORT; port 0 takes a free one")
    })?;
    let address = listener.local_addr().unwrap_or(args.listen);
    terminal.print(&format!(
        "An AWS in memory, at http://{address} (state in {kept}, {} s in a second).\n\
         export AWS_ENDPOINT_URL=http://{address} AWS_DEFAULT_REGION=us-east-1\n\
         export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any\n",
        args.speed
    ));
    let mut stop = interrupt::watch();
    let sandbox = Arc::new(sandbox);
    tokio::select! {
        () = server::serve(listener, Arc::clone(&sandbox)) => {}
        _ = stop.changed() => {}
    }
    Ok(sandbox.close()?)
}
