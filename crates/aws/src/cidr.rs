//! Blocks of addresses, in the one form in which EC2 answers them.

use std::borrow::Cow;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use landfall_model::{Finding, reference};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A block of addresses such as `10.0.0.0/16`. IPv6 is kept short and in lower case, as EC2 answers
/// it. What is no block stays as it was written, for a check to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cidr(String);

impl Cidr {
    /// The block in EC2's form.
    pub fn new(text: impl Into<String>) -> Cidr {
        let text = text.into();
        match text.trim().parse::<IpNet>() {
            Ok(net) if net.trunc() == net => Cidr(net.to_string()),
            _ => Cidr(text),
        }
    }

    /// The block as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is wrong with it as an IPv4 block.
    pub fn check_v4(&self, path: &str) -> Option<Finding> {
        let finding = match self.0.parse::<Ipv4Net>() {
            Ok(net) if net.trunc() == net => return None,
            Ok(net) => self.behind_prefix(path, net.trunc().to_string()),
            Err(_) => self.no_block(path, "IPv4", "10.0.0.0/16", 32),
        };
        reference::is_known(&self.0).then_some(finding)
    }

    /// What is wrong with it as an IPv6 block.
    pub fn check_v6(&self, path: &str) -> Option<Finding> {
        let finding = match self.0.parse::<Ipv6Net>() {
            Ok(net) if net.trunc() == net => return None,
            Ok(net) => self.behind_prefix(path, net.trunc().to_string()),
            Err(_) => self.no_block(path, "IPv6", "2001:db8::/32", 128),
        };
        reference::is_known(&self.0).then_some(finding)
    }

    /// What is wrong with it as the IPv4 block of a VPC or subnet, which EC2 takes from /16 to /28
    /// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html>).
    pub fn check_network(&self, path: &str, of: &str) -> Option<Finding> {
        self.check_v4(path).or_else(|| {
            let net = self.0.parse::<Ipv4Net>().ok()?;
            (!(16..=28).contains(&net.prefix_len()))
                .then(|| Finding::field(path, format!("the block of a {of} is a /16 to a /28")))
        })
    }

    fn behind_prefix(&self, path: &str, block: String) -> Finding {
        Finding::field(path, format!("`{}` has bits set behind its prefix", self.0))
            .help(format!("the block is {block}"))
    }

    fn no_block(&self, path: &str, family: &str, example: &str, whole: u8) -> Finding {
        let message = format!("`{}` is not an {family} block such as {example}", self.0);
        let finding = Finding::field(path, message);
        match self.0.parse::<std::net::IpAddr>() {
            Ok(address) if address.is_ipv4() == (whole == 32) => {
                finding.help(format!("a single address is {address}/{whole}"))
            }
            _ => finding,
        }
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Cidr::new)
    }
}

impl JsonSchema for Cidr {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_block_has_one_form() {
        assert_eq!(Cidr::new("2001:DB8:0:0::/32"), Cidr::new("2001:db8::/32"));
        assert_eq!(Cidr::new("0.0.0.0/0").as_str(), "0.0.0.0/0");
    }

    #[test]
    fn what_is_no_block_is_found() {
        let help = |found: Option<Finding>| found.and_then(|finding| finding.help);
        let check = |text: &str| Cidr::new(text).check_v4("cidr");
        assert!(check("10.0.0.0/16").is_none() && check("\u{1}vpc.a.cidr\u{2}").is_none());
        assert_eq!(help(check("10.0.0.9")).as_deref(), Some("a single address is 10.0.0.9/32"));
        assert_eq!(help(check("10.0.0.9/24")).as_deref(), Some("the block is 10.0.0.0/24"));
        assert!(check("::/0").is_some() && Cidr::new("0.0.0.0/0").check_v6("cidr").is_some());
        assert!(Cidr::new("10.0.0.0/8").check_network("cidr", "VPC").is_some());
    }
}
