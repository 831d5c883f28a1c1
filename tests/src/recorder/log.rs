//! The calls so far and the armed faults, which belong together: an arrival counts for both.

use std::time::Instant;

use super::call::Call;
use super::classify::Operation;
use super::fault::{Armed, Fault};

#[derive(Default)]
pub(super) struct Log {
    calls: Vec<Call>,
    faults: Vec<Armed>,
    in_flight: usize,
    /// How often the log was cleared: a call that was in flight then is no longer in it.
    epoch: usize,
}

/// A call's claim to its entry.
pub(super) struct Ticket {
    epoch: usize,
    index: usize,
}

impl Log {
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub fn clear(&mut self) {
        self.calls.clear();
        self.epoch += 1;
    }

    pub fn arm(&mut self, fault: Fault) {
        self.faults.push(Armed::new(fault));
    }

    pub fn disarm(&mut self) {
        self.faults.clear();
    }

    /// Enters a call, and says which fault hits it.
    pub fn arrive(&mut self, operation: &Operation, body: &str) -> (Ticket, Option<Fault>) {
        self.in_flight += 1;
        // Every fault counts the call; the one armed first has it.
        let mut hit: Option<Fault> = None;
        for armed in &mut self.faults {
            if armed.hits(operation) && hit.is_none() {
                hit = Some(armed.fault.clone());
            }
        }
        let index = self.calls.len();
        self.calls.push(Call {
            seq: index + 1,
            service: operation.service.clone(),
            operation: operation.name.clone(),
            write: operation.write,
            status: 0,
            body: body.to_owned(),
            response: String::new(),
            in_flight: self.in_flight,
            fault: hit.as_ref().map(|fault| fault.kind.label(fault.when)),
            started: Instant::now(),
            ended: None,
        });
        (Ticket { epoch: self.epoch, index }, hit)
    }

    /// Completes a call's entry. No answer: the connection breaks.
    pub fn leave(&mut self, ticket: &Ticket, answer: Option<(u16, String)>) {
        self.in_flight -= 1;
        if ticket.epoch != self.epoch {
            return;
        }
        let call = &mut self.calls[ticket.index];
        call.ended = Some(Instant::now());
        if let Some((status, response)) = answer {
            call.status = status;
            call.response = response;
        }
    }
}
