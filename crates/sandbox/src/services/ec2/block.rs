//! CIDR blocks as EC2 reads them.

use ipnet::{Ipv4Net, Ipv6Net};

use crate::refused::Refused;

/// Reads an IPv4 block in its canonical form: CreateVpc turns `100.68.0.18/18` into
/// `100.68.0.0/18`.
pub fn ipv4(text: &str, parameter: &str) -> Result<Ipv4Net, Refused> {
    text.parse().map(|block: Ipv4Net| block.trunc()).map_err(|_| malformed(text, parameter))
}

/// Reads an IPv6 block in its canonical form.
pub fn ipv6(text: &str, parameter: &str) -> Result<Ipv6Net, Refused> {
    text.parse().map(|block: Ipv6Net| block.trunc()).map_err(|_| malformed(text, parameter))
}

fn malformed(text: &str, parameter: &str) -> Refused {
    let message = format!(
        "Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block."
    );
    Refused::new("InvalidParameterValue", message)
}

/// Whether two IPv4 blocks share an address.
pub fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(other) || other.contains(one)
}

/// Whether two IPv6 blocks share an address.
pub fn overlap6(one: &Ipv6Net, other: &Ipv6Net) -> bool {
    one.contains(other) || other.contains(one)
}
