//! Serves a new world: `serve PORT [SPEED]`.

use std::sync::Arc;

use landfall_sandbox::sandbox::Sandbox;
use landfall_sandbox::server;
use landfall_sandbox::world::{Delays, World};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().and_then(|port| port.parse().ok()).unwrap_or(4599);
    let speed: f64 = arguments.next().and_then(|speed| speed.parse().ok()).unwrap_or(60.0);
    let listener = server::bind(([127, 0, 0, 1], port).into()).await?;
    println!("http://{}", listener.local_addr()?);
    server::serve(listener, Arc::new(Sandbox::new(World::new(1, Delays::AsOnAws), speed))).await;
    Ok(())
}
