//! A reverse proxy in front of an endpoint that logs each AWS call, delays it and injects faults.

mod call;
mod classify;
mod connection;
mod fault;
mod log;
mod proxy;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use call::Call;
pub use fault::{At, Fault, Kind, Victim, When};

use log::Log;

/// A recording proxy, with a thread of its own so that it works in any test, async or not.
pub struct Recorder {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the recorder and its connections have in common.
struct Shared {
    upstream: String,
    log: Mutex<Log>,
    delay: Mutex<Duration>,
}

impl Shared {
    /// A test that panicked with the lock held must not hide its message behind another panic.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn delay(&self) -> Duration {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Listens on a free loopback port, in front of `upstream` (a URL without a path).
    pub fn start(upstream: &str) -> Self {
        let shared = Arc::new(Shared {
            upstream: upstream.trim_end_matches('/').to_owned(),
            log: Mutex::default(),
            delay: Mutex::default(),
        });
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        listener.set_nonblocking(true).expect("a listener can be made non-blocking");
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime can be built");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("the listener is usable");
                tokio::select! {
                    () = proxy::serve(listener, serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { shared, address, stop: Some(stop), thread: Some(thread) }
    }

    /// The URL to give to the client, without a slash at the end.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes each call from now on take this much longer: half before its effect, half after.
    pub fn delay(&self, delay: Duration) {
        *self.shared.delay.lock().unwrap_or_else(PoisonError::into_inner) = delay;
    }

    /// Arms a fault, which counts calls from now on.
    pub fn fault(&self, fault: Fault) {
        self.shared.log().arm(fault);
    }

    /// Disarms all faults.
    pub fn clear_faults(&self) {
        self.shared.log().disarm();
    }

    /// The calls so far in the order of their arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.log().calls().to_vec()
    }

    /// The calls so far that were meant to change something.
    pub fn writes(&self) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.write).collect()
    }

    /// Number of calls of an operation, as `CreateVpc` or `ec2:CreateVpc`.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.log().calls().iter().filter(|call| call.is(operation)).count()
    }

    /// Forgets the calls so far; numbers begin at 1 again. Armed faults stay armed.
    pub fn clear(&self) {
        self.shared.log().clear();
    }

    /// The longest chain of calls in sequence: the largest number of calls of which each started
    /// after the one before had ended. With a quick endpoint, calls meant to be parallel may not
    /// overlap: set a [`delay`](Self::delay) first.
    pub fn depth(&self) -> usize {
        call::depth(self.shared.log().calls())
    }

    /// The largest number of calls that were in flight at once.
    pub fn max_in_flight(&self) -> usize {
        self.shared.log().calls().iter().map(|call| call.in_flight).max().unwrap_or(0)
    }

    /// Waits until no call is in flight. A client that was killed leaves calls behind which still
    /// take effect, as they would on AWS.
    pub fn settle(&self) {
        let limit = Instant::now() + Duration::from_secs(30);
        while self.shared.log().in_flight() > 0 {
            assert!(Instant::now() < limit, "calls are still in flight:\n{self}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A compact log, a line per call, for failure messages.
impl fmt::Display for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.calls();
        let writes = calls.iter().filter(|call| call.write).count();
        let depth = call::depth(&calls);
        writeln!(formatter, "{} calls, {writes} writes (*), depth {depth}", calls.len())?;
        calls.iter().try_for_each(|call| writeln!(formatter, "{call}"))
    }
}

#[cfg(test)]
mod tests;
