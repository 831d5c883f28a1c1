//! Egress-only internet gateways, for IPv6.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::listing::{self, Described, Kind, describe_input, found};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::token::{self, Token};
use super::vpc::Vpc;
use crate::operations::Answer;
use crate::tags::Tags;
use crate::world::Site;

/// An egress-only internet gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EgressOnlyGateway {
    /// `eigw-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Its tags.
    pub tags: Tags,
    /// The token it was made with.
    pub token: Option<Token>,
}

impl Described for EgressOnlyGateway {
    const KIND: Kind = Kind {
        set: "egressOnlyInternetGatewaySet",
        noun: "gateway",
        absent: "InvalidGatewayID.NotFound",
        pages: (5, 255),
        filters: &[],
    };

    fn all(ec2: &State) -> &BTreeMap<String, EgressOnlyGateway> {
        &ec2.egress_only_gateways
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, EgressOnlyGateway> {
        &mut ec2.egress_only_gateways
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, _: &State, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn view(&self, _: &State) -> Value {
        json!({
            "egressOnlyInternetGatewayId": self.id,
            "attachmentSet": [{ "vpcId": self.vpc, "state": "attached" }],
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The input of `CreateEgressOnlyInternetGateway`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateEgressOnlyInternetGateway {
    vpc_id: String,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
}

/// `CreateEgressOnlyInternetGateway`.
pub fn create(site: &mut Site<'_>, input: CreateEgressOnlyInternetGateway) -> Answer {
    let tags = tags_for(&input.tag_specification, "egress-only-internet-gateway")?;
    let token = Token::of(input.client_token.as_deref(), &input);
    let of = |gateway: &EgressOnlyGateway, ec2: &State| {
        let token = Token::text(gateway.token.as_ref());
        json!({ "clientToken": token, "egressOnlyInternetGateway": gateway.view(ec2) })
    };
    let ec2 = &site.region().ec2;
    if let Some(made) =
        token::earlier::<EgressOnlyGateway>(ec2, token.as_ref(), |made| made.token.as_ref())?
    {
        return Ok(of(made, ec2));
    }
    found::<Vpc>(ec2, &input.vpc_id)?;
    let gateway = EgressOnlyGateway { id: site.new_id("eigw"), vpc: input.vpc_id, tags, token };
    let ec2 = &mut site.region_mut().ec2;
    let answer = of(&gateway, ec2);
    ec2.egress_only_gateways.insert(gateway.id.clone(), gateway);
    Ok(answer)
}

/// The input of `DeleteEgressOnlyInternetGateway`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteEgressOnlyInternetGateway {
    egress_only_internet_gateway_id: String,
}

/// `DeleteEgressOnlyInternetGateway`.
pub fn delete(site: &mut Site<'_>, input: DeleteEgressOnlyInternetGateway) -> Answer {
    let ec2 = &mut site.region_mut().ec2;
    found::<EgressOnlyGateway>(ec2, &input.egress_only_internet_gateway_id)?;
    ec2.egress_only_gateways.remove(&input.egress_only_internet_gateway_id);
    Ok(json!({ "returnCode": true }))
}

describe_input! { DescribeEgressOnlyInternetGateways { egress_only_internet_gateway_id } }

/// `DescribeEgressOnlyInternetGateways`.
pub fn describe(site: &mut Site<'_>, input: DescribeEgressOnlyInternetGateways) -> Answer {
    listing::describe::<EgressOnlyGateway>(site, input.asked())
}
