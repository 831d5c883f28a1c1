//! Ctrl-C and SIGTERM: the first asks to finish what is in flight, the second stops at once.

use landfall_apply::Stop;
use tokio::sync::watch;

/// Watches for signals; the receiver tells a run how far to go on.
pub fn watch() -> watch::Receiver<Stop> {
    let (sender, receiver) = watch::channel(Stop::Run);
    tokio::spawn(async move {
        for stop in [Stop::Drain, Stop::Abandon] {
            signal().await;
            if sender.send(stop).is_err() {
                return;
            }
        }
        sender.closed().await;
    });
    receiver
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
