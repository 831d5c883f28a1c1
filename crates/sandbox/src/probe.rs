//! Asks a world directly, for tests: the inputs and outputs of operations as JSON, under the names
//! that they have on the wire.

use serde_json::Value;

use crate::router::{self, Asked};
use crate::services;
use crate::world::{Delays, Span, World};

/// A world in `us-east-1` and the means to ask it.
pub(crate) struct Probe {
    pub world: World,
}

impl Probe {
    /// A new account in which nothing takes time.
    pub fn new() -> Probe {
        Probe { world: World::new(1, Delays::None) }
    }

    /// A new account in which things take as long as on AWS.
    pub fn with_delays(seed: u64) -> Probe {
        Probe { world: World::new(seed, Delays::AsOnAws) }
    }

    /// Calls an operation: its output, or the code of the refusal and its message.
    pub fn call(
        &mut self,
        service: &'static str,
        operation: &str,
        input: Value,
    ) -> Result<Value, (String, String)> {
        assert!(services::ALL.iter().any(|known| known.name == service), "{service}");
        let (operation, region) = (operation.to_owned(), "us-east-1".to_owned());
        self.world.advance(self.world.now);
        let answer = router::answer(&mut self.world, &Asked { service, operation, region, input });
        answer.map_err(|refused| (refused.code, refused.message))
    }

    /// Calls an operation that has to succeed.
    pub fn ask(&mut self, service: &'static str, operation: &str, input: Value) -> Value {
        self.call(service, operation, input)
            .unwrap_or_else(|(code, message)| panic!("{operation}: {code}: {message}"))
    }

    /// Calls an operation that has to be refused: the code.
    pub fn refused(&mut self, service: &'static str, operation: &str, input: Value) -> String {
        match self.call(service, operation, input) {
            Ok(answer) => panic!("{operation} was not refused: {answer}"),
            Err((code, _)) => code,
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, span: Span) {
        self.world.advance(self.world.now + span);
    }
}
