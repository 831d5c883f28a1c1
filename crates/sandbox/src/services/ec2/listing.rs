//! Describe calls: ids, filters and pages, the same for all things.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::State;
use super::filter::{self, Filter};
use super::paged::{Wanted, paged_within};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::Site;

/// How a sort of thing is listed, and how its absence is refused.
#[derive(Debug)]
pub struct Kind {
    /// The name of the list in the answer: `vpcSet`.
    pub set: &'static str,
    /// What stands before `ID` where there is none: `vpc`.
    pub noun: &'static str,
    /// The code where there is none: `InvalidVpcID.NotFound`.
    pub absent: &'static str,
    /// The smallest and the largest page.
    pub pages: (i64, i64),
    /// The filters beside those of tags.
    pub filters: &'static [&'static str],
}

/// A thing that has an id, tags and a Describe call.
pub trait Described: Sized {
    /// How it is listed.
    const KIND: Kind;

    /// All of them by id.
    fn all(ec2: &State) -> &BTreeMap<String, Self>;

    /// All of them, to change one.
    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, Self>;

    /// Its tags.
    fn tags(&self) -> &Tags;

    /// The values it has under a filter of its kind.
    fn values(&self, ec2: &State, filter: &str) -> Vec<String>;

    /// How answers show it.
    fn view(&self, ec2: &State) -> Value;
}

/// What a Describe call asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The ids; all things where there are none.
    pub ids: &'a [String],
    /// The filters.
    pub filters: &'a [Filter],
    /// The size of a page.
    pub max_results: Option<i64>,
    /// Where the page starts.
    pub next_token: Option<&'a str>,
}

/// Makes the input of a Describe call: `describe_input! { DescribeVpcs { vpc_id } }`.
macro_rules! describe_input {
    ($name:ident { $ids:ident }) => {
        #[doc = concat!("The input of `", stringify!($name), "`.")]
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
        pub struct $name {
            filter: Vec<$crate::services::ec2::filter::Filter>,
            $ids: Vec<String>,
            max_results: Option<i64>,
            next_token: Option<String>,
        }

        impl $name {
            fn asked(&self) -> $crate::services::ec2::listing::Asked<'_> {
                $crate::services::ec2::listing::Asked {
                    ids: &self.$ids,
                    filters: &self.filter,
                    max_results: self.max_results,
                    next_token: self.next_token.as_deref(),
                }
            }
        }
    };
}
pub(crate) use describe_input;

/// The thing of an id.
pub fn found<'a, T: Described>(ec2: &'a State, id: &str) -> Result<&'a T, Refused> {
    T::all(ec2).get(id).ok_or_else(|| absent::<T>(id))
}

/// The thing of an id, to change it.
pub fn found_mut<'a, T: Described>(ec2: &'a mut State, id: &str) -> Result<&'a mut T, Refused> {
    T::all_mut(ec2).get_mut(id).ok_or_else(|| absent::<T>(id))
}

fn absent<T: Described>(id: &str) -> Refused {
    let Kind { noun, absent, .. } = T::KIND;
    match noun {
        // These two services have words of their own.
        "natGateway" => Refused::new(absent, format!("NatGateway {id} was not found")),
        "vpcEndpoint" => Refused::new(absent, format!("The Vpc Endpoint Id '{id}' does not exist")),
        noun => Refused::new(absent, format!("The {noun} ID '{id}' does not exist")),
    }
}

/// The refusal to delete something that others still need.
pub fn depended_on(noun: &str, id: &str) -> Refused {
    let message = format!("The {noun} '{id}' has dependencies and cannot be deleted.");
    Refused::new("DependencyViolation", message)
}

/// Answers a Describe call.
pub fn describe<T: Described>(site: &Site<'_>, asked: Asked<'_>) -> Answer {
    let ec2 = &site.region().ec2;
    let all = if asked.ids.is_empty() {
        T::all(ec2).values().collect()
    } else {
        let mut ids: Vec<&String> = asked.ids.iter().collect();
        ids.sort();
        ids.dedup();
        ids.into_iter().map(|id| found(ec2, id)).collect::<Result<Vec<&T>, Refused>>()?
    };
    filter::known(asked.filters, T::KIND.filters)?;
    let kept = filter::filtered(
        all,
        asked.filters,
        |thing: &&T| (*thing).tags(),
        |thing, name| Some(thing.values(ec2, name)),
    )?;
    let views = kept.into_iter().map(|thing| thing.view(ec2)).collect();
    paged(T::KIND.set, views, &asked, T::KIND.pages)
}

/// The answer with a page of a list.
pub fn paged(set: &str, views: Vec<Value>, asked: &Asked<'_>, bounds: (i64, i64)) -> Answer {
    let scope = format!("{set} {:?} {:?}", asked.ids, asked.filters);
    let wanted = Wanted { max_results: asked.max_results, token: asked.next_token, scope: &scope };
    let (views, next) = paged_within(bounds, views, wanted)?;
    let mut answer = Map::new();
    answer.insert(set.to_owned(), Value::Array(views));
    answer.insert("nextToken".to_owned(), next.into());
    Ok(Value::Object(answer))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::probe::Probe;

    #[test]
    fn describe_calls_share_their_rules() {
        let mut probe = Probe::new();
        let filter = |name: &str, value: &str| json!([{ "Name": name, "Value": [value] }]);
        for (input, code) in [
            (json!({ "VpcId": ["vpc-none"] }), "InvalidVpcID.NotFound"),
            (json!({ "Filter": filter("colour", "red") }), "InvalidParameterValue"),
            (json!({ "MaxResults": "4" }), "InvalidParameterValue"),
            (json!({ "MaxResults": "1001" }), "InvalidParameterValue"),
            (json!({ "NextToken": "more" }), "InvalidParameterValue"),
            (json!({ "Colour": "red" }), "UnknownParameter"),
        ] {
            assert_eq!(probe.refused("ec2", "DescribeVpcs", input.clone()), code, "{input}");
        }
        // An unknown filter is refused where there is nothing to filter, too.
        let unknown = json!({ "Filter": filter("colour", "red") });
        assert_eq!(probe.refused("ec2", "DescribeNatGateways", unknown), "InvalidParameterValue");
        let default = json!({ "Filter": filter("isDefault", "true") });
        let vpcs = probe.ask("ec2", "DescribeVpcs", default);
        assert_eq!(vpcs["vpcSet"].as_array().map(Vec::len), Some(1));
        let first = probe.ask("ec2", "DescribeSubnets", json!({ "MaxResults": "5" }));
        assert_eq!(first["subnetSet"].as_array().map(Vec::len), Some(5));
        let next = json!({ "MaxResults": "5", "NextToken": first["nextToken"] });
        let second = probe.ask("ec2", "DescribeSubnets", next);
        assert_eq!(second["subnetSet"].as_array().map(Vec::len), Some(1));
        assert!(second["nextToken"].is_null());
    }
}
