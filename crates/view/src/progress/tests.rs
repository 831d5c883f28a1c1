//! How a run looks while it lasts, by a clock that the test turns.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{InMemoryTerm, MultiProgress, ProgressDrawTarget};
use landfall_model::CloudError;
use landfall_plan::{Cause, Event, Failure, Op};

use super::{Progress, live::Live, plain::Plain};
use crate::sample::{NARROW, at, from_nothing};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn started(address: &str, op: Op) -> Event {
    Event::Started { address: at(address), op }
}

fn waiting(address: &str, op: Op, because: &str) -> Event {
    Event::Waiting { address: at(address), op, because: because.to_owned() }
}

fn finished(address: &str, op: Op, took: f64) -> Event {
    Event::Finished { address: at(address), op, took: Duration::from_secs_f64(took) }
}

/// Events with the second at which they come.
fn run() -> Vec<(f64, Event)> {
    let denied = CloudError {
        operation: "elasticloadbalancing:CreateListener".to_owned(),
        refusal: landfall_model::Refusal::Denied,
        code: Some("AccessDenied".to_owned()),
        message: "User: x is not authorized to perform: y\nand more".to_owned(),
        request_id: None,
    };
    let failure = Failure {
        address: at("listener.http"),
        op: Op::Create,
        cause: Cause::Refused(Box::new(denied)),
    };
    let unknown = "EC2 does not know the new group everywhere yet";
    vec![
        (0.0, started("security_group.alb", Op::Create)),
        (0.0, started("log_group.app", Op::Create)),
        (0.3, finished("security_group.alb", Op::Create, 0.3)),
        (0.3, started("security_group.alb", Op::Settle)),
        (0.4, started("load_balancer.main", Op::Create)),
        (0.4, waiting("load_balancer.main", Op::Create, unknown)),
        (0.5, finished("log_group.app", Op::Create, 0.5)),
        (0.6, started("log_group.app", Op::Settle)),
        (0.7, finished("log_group.app", Op::Settle, 0.1)),
        (2.4, waiting("load_balancer.main", Op::Create, unknown)),
        (3.4, finished("security_group.alb", Op::Settle, 3.1)),
        (4.0, finished("load_balancer.main", Op::Create, 3.6)),
        (4.0, started("load_balancer.main", Op::AwaitReady)),
        (5.0, waiting("load_balancer.main", Op::AwaitReady, "provisioning")),
        (10.0, waiting("load_balancer.main", Op::AwaitReady, "provisioning")),
        (11.0, started("listener.http", Op::Create)),
        (11.2, Event::Failed(failure)),
        (
            11.2,
            Event::Skipped {
                address: at("ecs_service.app"),
                op: Op::Create,
                because_of: at("listener.http"),
            },
        ),
        (
            11.2,
            Event::Skipped {
                address: at("ecs_service.app"),
                op: Op::AwaitReady,
                because_of: at("listener.http"),
            },
        ),
        (20.0, Event::Draining),
        (35.1, waiting("load_balancer.main", Op::AwaitReady, "provisioning")),
        (40.0, waiting("load_balancer.main", Op::AwaitReady, "active, health unknown")),
        (127.0, finished("load_balancer.main", Op::AwaitReady, 123.0)),
    ]
}

#[test]
fn plain_lines() {
    let sink = Sink::default();
    let now = Rc::new(Cell::new(Duration::ZERO));
    let clock = now.clone();
    let plan = from_nothing();
    let mut plain = Plain::new(Box::new(sink.clone()), &plan, Box::new(move || clock.get()));
    for (at, event) in run() {
        now.set(Duration::from_secs_f64(at));
        plain.event(&event);
    }
    plain.finish();
    let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    insta::assert_snapshot!(text);
}

fn live(terminal: &InMemoryTerm) -> Live {
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 200);
    Live::new(MultiProgress::with_draw_target(target), &from_nothing(), &NARROW)
}

/// The screen once it shows a text, since it is drawn by threads at their own pace. Without what
/// depends on the moment: the frames of the spinner.
fn screen(terminal: &InMemoryTerm, awaited: &str) -> String {
    let start = std::time::Instant::now();
    loop {
        let shown = terminal.contents();
        if shown.contains(awaited) {
            let calm = |c| if ('\u{2800}'..='\u{28ff}').contains(&c) { '⠋' } else { c };
            return shown.chars().map(calm).collect();
        }
        assert!(start.elapsed() < Duration::from_secs(20), "no {awaited} in\n{shown}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn live_lines() {
    let terminal = InMemoryTerm::new(20, 80);
    let mut live = live(&terminal);
    let events: Vec<Event> = run().into_iter().map(|(_, event)| event).collect();
    events[..8].iter().for_each(|event| live.event(event));
    let early = screen(&terminal, "1/5 done · 3 running");
    events[8..19].iter().for_each(|event| live.event(event));
    let late = screen(&terminal, "1 failed");
    events[19..].iter().for_each(|event| live.event(event));
    live.finish();
    let end = screen(&terminal, "2 min 03 s");
    let text = [early, late, end].join("\n────────\n");
    insta::with_settings!({filters => vec![(r" \d s\b", " 0 s")]}, {
        insta::assert_snapshot!(text);
    });
}

#[test]
fn more_steps_than_lines() {
    let terminal = InMemoryTerm::new(40, 80);
    let mut live = live(&terminal);
    for i in 0..20 {
        live.event(&started(&format!("vpc.v{i}"), Op::Create));
    }
    let shown = screen(&terminal, "20 running");
    assert_eq!(shown.matches("creating").count(), 12, "{shown}");
    live.event(&finished("vpc.v0", Op::Create, 0.1));
    let shown = screen(&terminal, "19 running");
    assert!(shown.contains("vpc.v12"), "{shown}");
}
