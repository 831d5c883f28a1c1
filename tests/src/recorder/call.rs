//! One recorded call, and what follows from the times of many.

use std::fmt;
use std::time::Instant;

/// One AWS call as the recorder saw it.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its place in the order of arrival, from 1.
    pub seq: usize,
    /// The service that the signature names, such as `elasticloadbalancing`.
    pub service: String,
    /// The operation, such as `CreateVpc`; `PUT /path` when the protocol has no names.
    pub operation: String,
    /// Is it meant to change something?
    pub write: bool,
    /// The status that the client got; 0 while in flight and after a reset or kill.
    pub status: u16,
    /// The request's body.
    pub body: String,
    /// The answer's body, as the client got it.
    pub response: String,
    /// Number of calls in flight when it arrived, itself included.
    pub in_flight: usize,
    /// The fault that was injected.
    pub fault: Option<String>,
    /// When it had arrived.
    pub started: Instant,
    /// When its answer was ready; none while in flight.
    pub ended: Option<Instant>,
}

impl Call {
    /// Is it a call of this operation, given as `CreateVpc` or `ec2:CreateVpc`?
    pub fn is(&self, operation: &str) -> bool {
        names(operation, &self.service, &self.operation)
    }
}

/// Does `wanted` (`Operation` or `service:Operation`) name this operation?
pub(super) fn names(wanted: &str, service: &str, operation: &str) -> bool {
    match wanted.split_once(':') {
        Some((prefix, rest)) => prefix == service && rest == operation,
        None => wanted == operation,
    }
}

/// The largest number of calls of which no two overlap, hence the longest chain of them.
pub(super) fn depth(calls: &[Call]) -> usize {
    let mut spans: Vec<(Instant, Instant)> =
        calls.iter().filter_map(|call| Some((call.started, call.ended?))).collect();
    // The one that ends first leaves most room for the others.
    spans.sort_by_key(|(_, ended)| *ended);
    let mut last_end: Option<Instant> = None;
    let mut depth = 0;
    for (started, ended) in spans {
        if last_end.is_none_or(|last| started >= last) {
            last_end = Some(ended);
            depth += 1;
        }
    }
    depth
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.write { '*' } else { ' ' };
        let name = format!("{}:{}", self.service, self.operation);
        write!(formatter, "{:>4} {mark} {name:<48} {:>3}", self.seq, self.status)?;
        match self.ended {
            Some(ended) => {
                write!(formatter, " {:>6} ms", ended.duration_since(self.started).as_millis())?;
            }
            None => write!(formatter, " in flight")?,
        }
        if self.in_flight > 1 {
            write!(formatter, "  {} at once", self.in_flight)?;
        }
        if let Some(fault) = &self.fault {
            write!(formatter, "  <{fault}>")?;
        }
        if self.status >= 400 {
            let line = self.response.split_whitespace().collect::<Vec<_>>().join(" ");
            write!(formatter, "  {}", line.chars().take(200).collect::<String>())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn calls(spans: &[(u64, u64)]) -> Vec<Call> {
        let zero = Instant::now();
        let at = |ms| zero + Duration::from_millis(ms);
        let call = |&(start, end): &(u64, u64)| Call {
            seq: 1,
            service: "ec2".into(),
            operation: "CreateVpc".into(),
            write: true,
            status: 200,
            body: String::new(),
            response: String::new(),
            in_flight: 1,
            fault: None,
            started: at(start),
            ended: Some(at(end)),
        };
        spans.iter().map(call).collect()
    }

    #[test]
    fn depth_is_the_longest_chain() {
        assert_eq!(depth(&calls(&[])), 0);
        assert_eq!(depth(&calls(&[(0, 10), (0, 10), (0, 10)])), 1);
        assert_eq!(depth(&calls(&[(0, 10), (10, 20), (21, 30)])), 3);
        // A long call beside three short ones.
        assert_eq!(depth(&calls(&[(0, 100), (1, 10), (11, 20), (21, 30)])), 3);
        // Two levels of two, then one.
        assert_eq!(depth(&calls(&[(0, 10), (1, 12), (13, 20), (13, 22), (25, 26)])), 3);
    }

    #[test]
    fn a_name_is_the_operation_with_or_without_its_service() {
        let call = &calls(&[(0, 1)])[0];
        assert!(call.is("CreateVpc") && call.is("ec2:CreateVpc"));
        assert!(!call.is("ecs:CreateVpc") && !call.is("Create"));
    }
}
