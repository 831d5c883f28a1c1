//! Load balancers with their subnets and listeners.

use std::collections::HashMap;

use landfall_model::catalogue::Declaration;
use landfall_model::reference::{is_known, sole};
use landfall_model::{Address, Finding, Path, Place, Root};
use serde_json::Value;

/// A load balancer has one listener on a port (AWS answers `DuplicateListener`).
pub(super) fn one_listener_per_port(all: &[Declaration<'_>]) -> Vec<Finding> {
    let mut taken: HashMap<(&str, i64), &Address> = HashMap::new();
    let mut findings = Vec::new();
    for listener in of_kind(all, "listener") {
        let balancer = listener.spec.get("load_balancer").and_then(Value::as_str);
        let port = listener.spec.get("port").and_then(Value::as_i64);
        let (Some(balancer), Some(port)) = (balancer, port) else { continue };
        match taken.get(&(balancer, port)) {
            Some(other) => findings.push(
                Finding::error(
                    Place::Field(listener.address.clone(), Path::field("port")),
                    format!("{other} listens on port {port} of this load balancer already"),
                )
                .help("give one of them another port"),
            ),
            None => {
                taken.insert((balancer, port), listener.address);
            }
        }
    }
    findings
}

/// A load balancer's subnets lie in at least two availability zones, one in each. What a lookup
/// yields is not known beforehand, nor where a subnet lies that is given by its id.
pub(super) fn subnets_in_two_zones(all: &[Declaration<'_>]) -> Vec<Finding> {
    let subnets: HashMap<&Address, &Value> =
        of_kind(all, "subnet").map(|subnet| (subnet.address, subnet.spec)).collect();
    let mut findings = Vec::new();
    for balancer in of_kind(all, "load_balancer") {
        let given = balancer.spec.get("subnets").and_then(Value::as_array);
        let given: Vec<&str> = given.into_iter().flatten().filter_map(Value::as_str).collect();
        let place = Place::Field(balancer.address.clone(), Path::field("subnets"));
        if given.len() < 2 && given.iter().all(|subnet| is_single(subnet)) {
            let message = "a load balancer needs subnets in at least two availability zones";
            findings.push(Finding::error(place.clone(), message));
        }
        let mut zones: HashMap<&str, Address> = HashMap::new();
        for subnet in given {
            let address = sole(subnet).and_then(|reference| reference.address().cloned());
            let Some(address) = address else { continue };
            let zone = subnets.get(&address).and_then(|spec| spec.get("availability_zone"));
            let Some(zone) = zone.and_then(Value::as_str) else { continue };
            if let Some(other) = zones.get(zone) {
                let message = format!(
                    "{other} and {address} lie in the same availability zone, and a load \
                     balancer takes one subnet of each"
                );
                findings.push(Finding::error(place.clone(), message));
            } else {
                zones.insert(zone, address);
            }
        }
    }
    findings
}

/// Whether a value stands for one subnet, whatever AWS may answer.
fn is_single(subnet: &str) -> bool {
    is_known(subnet)
        || sole(subnet).is_some_and(|reference| matches!(reference.root, Root::Resource(_)))
}

fn of_kind<'a, 'b>(
    all: &'b [Declaration<'a>],
    kind: &'b str,
) -> impl Iterator<Item = &'b Declaration<'a>> {
    all.iter().filter(move |declaration| declaration.address.kind == kind)
}

#[cfg(test)]
mod tests {
    use landfall_model::Reference;
    use serde_json::json;

    use super::*;

    fn judge(
        check: fn(&[Declaration<'_>]) -> Vec<Finding>,
        specs: &[(&str, &str, Value)],
    ) -> Vec<String> {
        let addresses: Vec<Address> =
            specs.iter().map(|(kind, name, _)| Address::new(*kind, *name)).collect();
        let declarations = addresses.iter().zip(specs);
        let declarations: Vec<Declaration<'_>> =
            declarations.map(|(address, (_, _, spec))| Declaration { address, spec }).collect();
        check(&declarations).into_iter().map(|finding| finding.message).collect()
    }

    fn token(kind: &str, name: &str, output: &str) -> String {
        Reference::resource(Address::new(kind, name), output).token()
    }

    #[test]
    fn a_port_is_taken_once_per_load_balancer() {
        let listener = |balancer: &str, port: i64| json!({ "load_balancer": token("load_balancer", balancer, "arn"), "port": port });
        let found = judge(
            one_listener_per_port,
            &[
                ("listener", "a", listener("one", 80)),
                ("listener", "b", listener("two", 80)),
                ("listener", "c", listener("one", 80)),
            ],
        );
        assert_eq!(found, ["listener.a listens on port 80 of this load balancer already"]);
    }

    #[test]
    fn subnets_are_counted_where_that_can_be_known() {
        let (a, b) = (token("subnet", "a", "id"), token("subnet", "b", "id"));
        let lookup = Reference::lookup(Address::new("subnets", "all"), "ids").token();
        let judged = |subnets: Value| {
            let zone = json!({ "availability_zone": "us-east-1a" });
            judge(
                subnets_in_two_zones,
                &[
                    ("subnet", "a", zone.clone()),
                    ("subnet", "b", zone),
                    ("load_balancer", "main", json!({ "subnets": subnets })),
                ],
            )
            .len()
        };
        assert_eq!(judged(json!([])), 1);
        assert_eq!(judged(json!([a])), 1);
        assert_eq!(judged(json!([lookup])), 0);
        assert_eq!(judged(json!(["subnet-1", "subnet-2"])), 0);
        assert_eq!(judged(json!([a, b])), 1);
    }
}
