//! Load balancers with their subnets.

use std::collections::HashMap;

use landfall_model::catalogue::Declaration;
use landfall_model::reference::{is_known, sole};
use landfall_model::{Address, Finding, Path, Place, Root};
use serde_json::Value;

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

    fn token(kind: &str, name: &str, output: &str) -> String {
        Reference::resource(Address::new(kind, name), output).token()
    }

    #[test]
    fn subnets_are_counted_where_that_can_be_known() {
        let (a, b) = (token("subnet", "a", "id"), token("subnet", "b", "id"));
        let lookup = Reference::lookup(Address::new("subnets", "all"), "ids").token();
        let addresses = [("subnet", "a"), ("subnet", "b"), ("load_balancer", "main")]
            .map(|(kind, name)| Address::new(kind, name));
        let zone = json!({ "availability_zone": "us-east-1a" });
        let judged = |subnets: Value| {
            let specs = [&zone, &zone, &json!({ "subnets": subnets })];
            let declarations = addresses.iter().zip(specs);
            let declarations: Vec<Declaration<'_>> =
                declarations.map(|(address, spec)| Declaration { address, spec }).collect();
            subnets_in_two_zones(&declarations).len()
        };
        assert_eq!(judged(json!([])), 1);
        assert_eq!(judged(json!([a])), 1);
        assert_eq!(judged(json!([lookup])), 0);
        assert_eq!(judged(json!(["subnet-1", "subnet-2"])), 0);
        assert_eq!(judged(json!([a, b])), 1);
    }
}
