//! TagResources and UntagResources: each resource's own service is asked to do it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::invalid;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// The input of TagResources.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Tag {
    #[serde(rename = "ResourceARNList")]
    resource_arn_list: Vec<String>,
    tags: Tags,
}

/// TagResources.
pub fn tag(site: &mut Site<'_>, input: Tag) -> Answer {
    if !(1..=50).contains(&input.tags.len()) {
        return Err(invalid("Tags must have 1 to 50 entries"));
    }
    let objection = crate::tags::objection(&input.tags);
    objection.map_or(Ok(()), |objection| Err(invalid(objection)))?;
    each(site, &input.resource_arn_list, |arn| to_tag(arn, &input.tags))
}

/// The input of UntagResources.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Untag {
    #[serde(rename = "ResourceARNList")]
    resource_arn_list: Vec<String>,
    tag_keys: Vec<String>,
}

/// UntagResources.
pub fn untag(site: &mut Site<'_>, input: Untag) -> Answer {
    if !(1..=50).contains(&input.tag_keys.len()) {
        return Err(invalid("TagKeys must have 1 to 50 items"));
    }
    each(site, &input.resource_arn_list, |arn| to_untag(arn, &input.tag_keys))
}

/// A call to a service: its name, the operation and the input.
type Call = (&'static str, &'static str, Value);

/// Makes a call for each resource. Those that fail are told, the others are done all the same.
fn each(site: &mut Site<'_>, arns: &[String], call: impl Fn(&Arn<'_>) -> Option<Call>) -> Answer {
    if !(1..=20).contains(&arns.len()) {
        return Err(invalid("ResourceARNList must have 1 to 20 items"));
    }
    let parsed = arns
        .iter()
        .map(|arn| Arn::parse(arn).ok_or_else(|| invalid(format!("{arn} is not a valid ARN"))));
    let parsed: Vec<Arn<'_>> = parsed.collect::<Result<_, _>>()?;
    let mut failed = Map::new();
    for parsed in parsed {
        let elsewhere = !parsed.region.is_empty() && parsed.region != site.name;
        let done = if elsewhere || parsed.account != ACCOUNT {
            Err(invalid("The resource is of another account or region"))
        } else {
            match call(&parsed) {
                Some(call) => make(site, call),
                None => Err(invalid("The service does not support tagging through this API")),
            }
        };
        if let Err(Refused { status, code, message }) = done {
            let failure =
                json!({ "StatusCode": status, "ErrorCode": code, "ErrorMessage": message });
            failed.insert(parsed.whole.to_owned(), failure);
        }
    }
    Ok(json!({ "FailedResourcesMap": failed }))
}

fn make(site: &mut Site<'_>, (service, operation, input): Call) -> Result<(), Refused> {
    let missing = || {
        let message = format!("The sandbox does not know the operation {operation} of {service}");
        Refused::new("InternalServiceException", message).status(500)
    };
    let service = services::ALL.iter().find(|known| known.name == service).ok_or_else(missing)?;
    let known = service.operations.iter().find(|(name, _)| *name == operation);
    let (_, run) = known.ok_or_else(missing)?;
    run(site, &service.dialect, &input).map(|_| ())
}

struct Arn<'a> {
    whole: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl Arn<'_> {
    fn parse(whole: &str) -> Option<Arn<'_>> {
        match whole.splitn(6, ':').collect::<Vec<_>>().as_slice() {
            ["arn", _, service, region, account, resource] if !resource.is_empty() => {
                Some(Arn { whole, service, region, account, resource })
            }
            _ => None,
        }
    }

    /// What stands behind the last slash.
    fn id(&self) -> &str {
        self.resource.rsplit('/').next().unwrap_or_default()
    }

    /// The operation of IAM for this kind, and how it names the thing.
    fn iam(&self, verb: Verb) -> Option<(&'static str, &'static str, &str)> {
        let (kind, _) = self.resource.split_once('/')?;
        Some(match (kind, verb) {
            ("policy", Verb::Tag) => ("TagPolicy", "PolicyArn", self.whole),
            ("policy", Verb::Untag) => ("UntagPolicy", "PolicyArn", self.whole),
            ("instance-profile", Verb::Tag) => {
                ("TagInstanceProfile", "InstanceProfileName", self.id())
            }
            ("instance-profile", Verb::Untag) => {
                ("UntagInstanceProfile", "InstanceProfileName", self.id())
            }
            _ => return None,
        })
    }
}

#[derive(Clone, Copy)]
enum Verb {
    Tag,
    Untag,
}

fn to_tag(arn: &Arn<'_>, tags: &Tags) -> Option<Call> {
    let listed = |key: &str, value: &str| {
        let tags = tags.iter().map(|(k, v)| json!({ key: k, value: v }));
        tags.collect::<Vec<_>>()
    };
    let upper = || listed("Key", "Value");
    Some(match arn.service {
        "acm" => {
            let input = json!({ "CertificateArn": arn.whole, "Tags": upper() });
            ("acm", "AddTagsToCertificate", input)
        }
        "ec2" => ("ec2", "CreateTags", json!({ "ResourceId": [arn.id()], "Tag": upper() })),
        "ecr" => ("ecr", "TagResource", json!({ "resourceArn": arn.whole, "tags": upper() })),
        "ecs" => {
            let input = json!({ "resourceArn": arn.whole, "tags": listed("key", "value") });
            ("ecs", "TagResource", input)
        }
        "elasticloadbalancing" => {
            let input = json!({ "ResourceArns": [arn.whole], "Tags": upper() });
            ("elasticloadbalancing", "AddTags", input)
        }
        "iam" => {
            let (operation, member, name) = arn.iam(Verb::Tag)?;
            ("iam", operation, json!({ member: name, "Tags": upper() }))
        }
        "kms" => {
            let input = json!({ "KeyId": arn.whole, "Tags": listed("TagKey", "TagValue") });
            ("kms", "TagResource", input)
        }
        "logs" => {
            let arn = arn.whole.strip_suffix(":*").unwrap_or(arn.whole);
            ("logs", "TagResource", json!({ "resourceArn": arn, "tags": tags }))
        }
        _ => return None,
    })
}

fn to_untag(arn: &Arn<'_>, keys: &[String]) -> Option<Call> {
    let named = || keys.iter().map(|key| json!({ "Key": key })).collect::<Vec<_>>();
    let lower = || json!({ "resourceArn": arn.whole, "tagKeys": keys });
    Some(match arn.service {
        "acm" => {
            let input = json!({ "CertificateArn": arn.whole, "Tags": named() });
            ("acm", "RemoveTagsFromCertificate", input)
        }
        "ec2" => ("ec2", "DeleteTags", json!({ "ResourceId": [arn.id()], "Tag": named() })),
        "ecr" => ("ecr", "UntagResource", lower()),
        "ecs" => ("ecs", "UntagResource", lower()),
        "elasticloadbalancing" => {
            let input = json!({ "ResourceArns": [arn.whole], "TagKeys": keys });
            ("elasticloadbalancing", "RemoveTags", input)
        }
        "iam" => {
            let (operation, member, name) = arn.iam(Verb::Untag)?;
            ("iam", operation, json!({ member: name, "TagKeys": keys }))
        }
        "kms" => ("kms", "UntagResource", json!({ "KeyId": arn.whole, "TagKeys": keys })),
        "logs" => {
            let arn = arn.whole.strip_suffix(":*").unwrap_or(arn.whole);
            ("logs", "UntagResource", json!({ "resourceArn": arn, "tagKeys": keys }))
        }
        _ => return None,
    })
}
