//! The sandbox as an endpoint, on a thread of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;

use landfall_sandbox::sandbox::Sandbox;
use landfall_sandbox::server;
use landfall_sandbox::world::{Delays, World};
use tokio::sync::oneshot;

/// A sandbox that is served on a free loopback port as long as this lives.
pub struct Served {
    /// The sandbox itself, to look at and to disturb.
    pub sandbox: Arc<Sandbox>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// A new account from a seed, whose time runs from today on, faster by a factor.
    pub fn start(seed: u64, speed: f64) -> Served {
        Served::of(World::new(seed, Delays::AsOnAws).today(), speed)
    }

    /// An account whose time runs faster by a factor.
    pub fn of(world: World, speed: f64) -> Served {
        let (started, starting) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be built");
            runtime.block_on(async {
                let listener = server::bind((Ipv4Addr::LOCALHOST, 0).into()).await;
                let listener = listener.expect("loopback has a free port");
                let address = listener.local_addr().expect("a bound socket has an address");
                let sandbox = Arc::new(Sandbox::new(world, speed));
                let told = started.send((Arc::clone(&sandbox), address));
                told.expect("somebody waits for the start");
                tokio::select! {
                    () = server::serve(listener, sandbox) => {}
                    _ = stopped => {}
                }
            });
        });
        let (sandbox, address) = starting.recv().expect("the sandbox starts");
        Served { sandbox, address, stop: Some(stop), thread: Some(thread) }
    }

    /// Its URL, without a slash at the end.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
