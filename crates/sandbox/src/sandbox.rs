//! The whole: a world, its clock and its request log, behind one door.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};

use crate::clock::Clock;
use crate::router::{self, Asked};
use crate::services;
use crate::world::World;

/// A sandbox that answers requests.
#[derive(Debug)]
pub struct Sandbox {
    world: Mutex<World>,
    clock: Clock,
}

impl Sandbox {
    /// A sandbox around a world, whose time runs `speed` times as fast as the runtime's.
    pub fn new(world: World, speed: f64) -> Sandbox {
        let clock = Clock::new(world.now, speed);
        Sandbox { world: Mutex::new(world), clock }
    }

    /// The world, after what is due has happened.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.clock.now());
        world
    }

    /// Answers a request of any service.
    pub fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let mut world = self.world();
        let request_id = world.chance.uuid();
        match router::read(request, &request_id) {
            Err(refusal) => refusal,
            Ok(asked) => respond(&mut world, &asked, &request_id),
        }
    }
}

fn respond(world: &mut World, asked: &Asked, request_id: &str) -> Response<Bytes> {
    let answer = router::answer(world, asked);
    let service = services::ALL.iter().find(|service| service.name == asked.service);
    let protocol = service.map_or(services::iam::SERVICE.dialect.protocol, |s| s.dialect.protocol);
    match answer {
        Ok(answer) => protocol.answer(&asked.operation, request_id, &answer),
        Err(refused) => protocol.refuse(request_id, &refused),
    }
}
