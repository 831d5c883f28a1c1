//! Any bytes as requests to the sandbox: each is answered, and what is refused changes nothing.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use landfall_sandbox::router::{self, Asked};
use landfall_sandbox::services::{Global, Region};
use landfall_sandbox::signature;
use landfall_sandbox::world::{Agenda, World};
use serde_json::Value;

use crate::{wire, xml};

/// How many requests of a session are answered.
const MOST_REQUESTS: usize = 100;

/// Answers the requests in the bytes, one after the other, in one account.
///
/// # Panics
///
/// Where an answer is an internal error or cannot be read, where a refusal or a read has changed
/// something, or where the account cannot be kept in a state file.
pub fn check(bytes: &[u8]) {
    let (mut world, requests) = wire::session(bytes);
    let mut before = Kept::of(&world);
    for (pause, bytes) in requests.into_iter().take(MOST_REQUESTS) {
        let due = world.agenda.next().is_some_and(|next| next <= world.now + pause);
        world.advance(world.now + pause);
        if due {
            before = Kept::of(&world);
        }
        let Some(request) = wire::request(bytes) else { continue };
        world.caller = signature::date(&request);
        if check_request(&mut world, &before, &request) {
            before = Kept::of(&world);
        }
    }
    check_state_file(&world);
}

/// Answers a request; whether it may have changed something.
fn check_request(world: &mut World, before: &Kept, request: &Request<Bytes>) -> bool {
    let asked = match router::read(request, "id") {
        Ok(asked) => asked,
        Err(refusal) => {
            check_response(&refusal, None);
            return false;
        }
    };
    let answer = router::answer(world, &asked);
    // AWS makes a service-linked role where it says that it cannot assume it yet.
    let makes_a_role = answer.as_ref().is_err_and(|refused| {
        refused.message.starts_with("Unable to assume the service linked role")
    });
    let writes = answer.is_ok() && !asked.is_read() || makes_a_role;
    if !writes {
        let what = if answer.is_err() { "a refusal" } else { "a read" };
        let changed = before.difference(world);
        assert!(changed.is_none(), "{what} changed {changed:?}: {asked:?}: {answer:?}");
    }
    let protocol = asked.dialect().protocol;
    let response = match &answer {
        Ok(answer) => protocol.answer(&asked.operation, "id", answer),
        Err(refused) => protocol.refuse("id", refused),
    };
    check_response(&response, Some(&asked));
    writes
}

fn check_response(response: &Response<Bytes>, asked: Option<&Asked>) {
    assert!(response.status().as_u16() < 500, "{response:?} to {asked:?}");
    let content = response.headers().get(CONTENT_TYPE).and_then(|content| content.to_str().ok());
    let body = std::str::from_utf8(response.body());
    let fault = match (body, content.unwrap_or_default().contains("json")) {
        (Err(error), _) => Some(error.to_string()),
        (Ok(body), true) => {
            serde_json::from_str::<Value>(body).err().map(|error| error.to_string())
        }
        (Ok(body), false) => xml::fault(body),
    };
    assert!(fault.is_none(), "{fault:?} in {response:?} to {asked:?}");
}

/// What a state file keeps of a world, besides its time and its chance.
struct Kept {
    global: Global,
    regions: BTreeMap<String, Region>,
    agenda: Agenda,
}

impl Kept {
    fn of(world: &World) -> Kept {
        let World { global, regions, agenda, .. } = world;
        Kept { global: global.clone(), regions: regions.clone(), agenda: agenda.clone() }
    }

    /// What is different in a world, if anything is. A region is there as soon as somebody asks
    /// for it.
    fn difference(&self, world: &World) -> Option<&'static str> {
        let regions_differ = world.regions.iter().any(|(name, region)| {
            self.regions.get(name).map_or(!region.is_pristine(name), |before| before != region)
        });
        if self.global != world.global {
            Some("what is global")
        } else if regions_differ {
            Some("a region")
        } else if self.agenda != world.agenda {
            Some("what is going to happen")
        } else {
            None
        }
    }
}

/// What is written to a state file is the same when it is read again.
fn check_state_file(world: &World) {
    let written = serde_json::to_string(world).unwrap_or_default();
    match serde_json::from_str::<World>(&written) {
        Ok(read) => {
            let changed = Kept::of(world).difference(&read);
            assert!(changed.is_none(), "a state file changed {changed:?}");
        }
        Err(error) => panic!("a state file that cannot be read: {error}"),
    }
}
