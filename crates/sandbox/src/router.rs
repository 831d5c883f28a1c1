//! Finds the service and the operation that a request is for.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::operations::{Answer, is_read};
use crate::protocol::{Dialect, Protocol};
use crate::refused::Refused;
use crate::services::{self, Service};
use crate::signature::Signature;
use crate::world::World;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The service's name in signatures: `ec2`.
    pub service: &'static str,
    /// The operation: `CreateVpc`.
    pub operation: String,
    /// The region's code.
    pub region: String,
    /// The input.
    pub input: Value,
}

impl Asked {
    /// How its service speaks.
    pub fn dialect(&self) -> Dialect {
        find(self.service).map_or(services::iam::SERVICE.dialect, |service| service.dialect)
    }

    /// Whether it only reads.
    pub fn is_read(&self) -> bool {
        is_read(&self.operation)
    }
}

/// Reads a request, or refuses it in the words of whichever protocol it seems to speak.
pub fn read(request: &Request<Bytes>, request_id: &str) -> Result<Asked, Box<Response<Bytes>>> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    let stranger = if target.is_some() { services::ecs::SERVICE } else { services::iam::SERVICE };
    let refuse =
        |protocol: Protocol, refused: Refused| Box::new(protocol.refuse(request_id, &refused));
    let signature =
        Signature::of(request).map_err(|refused| refuse(stranger.dialect.protocol, refused))?;
    let service = find(&signature.service).ok_or_else(|| {
        let message = format!("The sandbox has no service {}", signature.service);
        refuse(stranger.dialect.protocol, Refused::new("UnknownOperationException", message))
    })?;
    let protocol = service.dialect.protocol;
    let (operation, input) =
        protocol.read(target, request.body()).map_err(|refused| refuse(protocol, refused))?;
    Ok(Asked { service: service.name, operation, region: signature.region, input })
}

/// Does what is asked.
pub fn answer(world: &mut World, asked: &Asked) -> Answer {
    let service = find(asked.service);
    let found = service.and_then(|service| {
        let operation = service.operations.iter().find(|(name, _)| *name == asked.operation)?;
        Some((service.dialect, operation.1))
    });
    let Some((dialect, operation)) = found else { return Err(unknown(service, asked)) };
    let (input, dry_run) = without_dry_run(&dialect, &asked.input);
    if dry_run {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(Refused::new("DryRunOperation", message).status(412));
    }
    let mut site = world.site(&asked.region);
    let answer = operation(&mut site, &dialect, &input)?;
    if !asked.is_read() {
        services::tagging::changed(&mut site);
    }
    Ok(answer)
}

fn find(name: &str) -> Option<&'static Service> {
    services::ALL.iter().find(|service| service.name == name)
}

fn unknown(service: Option<&'static Service>, asked: &Asked) -> Refused {
    let Asked { service: name, operation, .. } = asked;
    let message = format!("The sandbox does not know the operation {operation} of {name}");
    match service.map(|service| service.dialect.protocol) {
        Some(Protocol::Json { .. }) => Refused::new("UnknownOperationException", message),
        _ => Refused::new("InvalidAction", message),
    }
}

/// Every operation of EC2 can be asked for a dry run.
fn without_dry_run(dialect: &Dialect, input: &Value) -> (Value, bool) {
    let mut input = input.clone();
    let dry_run = match (dialect.protocol, &mut input) {
        (Protocol::Ec2Query { .. }, Value::Object(fields)) => fields.remove("DryRun"),
        _ => None,
    };
    let dry_run = dry_run.is_some_and(|value| value == "true");
    // A form without fields is no text but an object without members.
    let input = if input == "" { Value::Object(serde_json::Map::new()) } else { input };
    (input, dry_run)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::probe::Probe;

    #[test]
    fn a_dry_run_does_nothing() {
        let mut probe = Probe::new();
        let vpcs = |probe: &mut Probe| {
            let found = probe.ask("ec2", "DescribeVpcs", json!({}));
            found["vpcSet"].as_array().map(Vec::len)
        };
        let before = vpcs(&mut probe);
        let dry = json!({ "CidrBlock": "10.0.0.0/16", "DryRun": "true" });
        assert_eq!(probe.refused("ec2", "CreateVpc", dry), "DryRunOperation");
        assert_eq!(vpcs(&mut probe), before);
    }

    #[test]
    fn an_unknown_operation_is_refused_in_the_words_of_its_protocol() {
        let mut probe = Probe::new();
        assert_eq!(probe.refused("ec2", "MakeCoffee", json!({})), "InvalidAction");
        assert_eq!(probe.refused("ecs", "MakeCoffee", json!({})), "UnknownOperationException");
    }
}
