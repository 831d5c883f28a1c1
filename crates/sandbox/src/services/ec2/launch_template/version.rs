//! Versions of launch templates.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{LaunchTemplate, chosen, creator, data, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ec2::filter::{self, Filter, filtered};
use crate::tags::Tags;
use crate::world::{Site, Time};

/// A version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its number, from 1.
    pub number: u64,
    /// What it is for.
    pub description: Option<String>,
    /// What it says about instances, as it was sent.
    pub data: Map<String, Value>,
    /// When it was made.
    pub created: Time,
}

impl LaunchTemplate {
    /// The version with a number, or `$Latest` or `$Default`.
    pub(super) fn version(&self, name: &str) -> Result<&Version, Refused> {
        let number = match name {
            "$Latest" => Some(self.latest()),
            "$Default" => Some(self.default),
            number => number.parse().ok(),
        };
        self.versions.iter().find(|version| Some(version.number) == number).ok_or_else(|| {
            let message = format!("Could not find launch template version {name}.");
            Refused::new("InvalidLaunchTemplateId.VersionNotFound", message)
        })
    }

    fn version_written(&self, version: &Version) -> Value {
        json!({
            "launchTemplateId": self.id,
            "launchTemplateName": self.name,
            "versionNumber": version.number,
            "versionDescription": version.description,
            "createTime": version.created.iso(),
            "createdBy": creator(),
            "defaultVersion": version.number == self.default,
            "launchTemplateData": data::written(&version.data),
            "operator": { "managed": false },
        })
    }
}

/// The input of `CreateLaunchTemplateVersion`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateLaunchTemplateVersion {
    launch_template_data: Value,
    #[serde(default)]
    launch_template_id: Option<String>,
    #[serde(default)]
    launch_template_name: Option<String>,
    #[serde(default)]
    source_version: Option<String>,
    #[serde(default)]
    version_description: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "every call makes a version")]
    client_token: Option<String>,
    // Names of parameters are not resolved, as there is no parameter store.
    #[serde(default)]
    #[expect(dead_code, reason = "there are no aliases")]
    resolve_alias: bool,
}

/// EC2 API, CreateLaunchTemplateVersion: what is not given is taken from the source version.
pub fn create(site: &mut Site<'_>, input: CreateLaunchTemplateVersion) -> Answer {
    let state = &site.region().ec2;
    let (id, name) = (input.launch_template_id.as_deref(), input.launch_template_name.as_deref());
    let mut template = chosen(state, id, name)?.clone();
    let mut data = match &input.source_version {
        Some(source) => template.version(source)?.data.clone(),
        None => Map::new(),
    };
    data.extend(data::checked(input.launch_template_data)?);
    template.numbered += 1;
    let version = Version {
        number: template.numbered,
        description: input.version_description,
        data,
        created: site.now(),
    };
    let answer = json!({ "launchTemplateVersion": template.version_written(&version) });
    template.versions.push(version);
    site.region_mut().ec2.launch_templates.insert(template.id.clone(), template);
    Ok(answer)
}

/// The input of `DescribeLaunchTemplateVersions`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeLaunchTemplateVersions {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    launch_template_version: Vec<String>,
    min_version: Option<u64>,
    max_version: Option<u64>,
    filter: Vec<Filter>,
    next_token: Option<String>,
    max_results: Option<i64>,
    // There are neither aliases nor operators.
    resolve_alias: bool,
    include_managed_resources: bool,
}

/// Lists versions: of one template, or the latest or default ones of all templates.
pub fn describe(site: &mut Site<'_>, input: DescribeLaunchTemplateVersions) -> Answer {
    let state = &site.region().ec2;
    let filters =
        ["create-time", "ebs-optimized", "image-id", "instance-type", "is-default-version"];
    filter::known(&input.filter, &filters)?;
    let (id, name) = (input.launch_template_id.as_deref(), input.launch_template_name.as_deref());
    let names = &input.launch_template_version;
    let templates: Vec<&LaunchTemplate> = match (id, name) {
        (None, None) if !names.is_empty() && names.iter().all(|name| name.starts_with('$')) => {
            state.launch_templates.values().collect()
        }
        _ => vec![chosen(state, id, name)?],
    };
    let mut found: Vec<(&LaunchTemplate, &Version)> = Vec::new();
    for template in templates {
        if names.is_empty() {
            // The newest comes first.
            found.extend(template.versions.iter().rev().map(|version| (template, version)));
        }
        for name in names {
            let version = template.version(name)?;
            let same = |(other, known): &(&LaunchTemplate, &Version)| {
                other.id == template.id && known.number == version.number
            };
            if !found.iter().any(same) {
                found.push((template, version));
            }
        }
    }
    found.retain(|(_, version)| {
        input.min_version.is_none_or(|least| version.number >= least)
            && input.max_version.is_none_or(|most| version.number <= most)
    });
    let none = Tags::new();
    let found = filtered(
        found,
        &input.filter,
        |_| &none,
        |(template, version), name| {
            let text = |member: &str| {
                let value = version.data.get(member).and_then(Value::as_str);
                Some(value.map(str::to_owned).into_iter().collect())
            };
            match name {
                "create-time" => Some(vec![version.created.iso()]),
                "ebs-optimized" => text("EbsOptimized"),
                "image-id" => text("ImageId"),
                "instance-type" => text("InstanceType"),
                "is-default-version" => {
                    Some(vec![(version.number == template.default).to_string()])
                }
                _ => None,
            }
        },
    )?;
    let scope = format!("versions {id:?} {name:?} {names:?} {:?}", input.filter);
    let (found, next) = paged(found, input.max_results, input.next_token.as_deref(), &scope)?;
    let found: Vec<Value> =
        found.into_iter().map(|(template, version)| template.version_written(version)).collect();
    Ok(json!({ "launchTemplateVersionSet": found, "nextToken": next }))
}

/// The input of `DeleteLaunchTemplateVersions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteLaunchTemplateVersions {
    launch_template_version: Vec<String>,
    #[serde(default)]
    launch_template_id: Option<String>,
    #[serde(default)]
    launch_template_name: Option<String>,
}

/// EC2 API, DeleteLaunchTemplateVersions: all but the default version can go; each has an answer
/// of its own.
pub fn delete(site: &mut Site<'_>, input: DeleteLaunchTemplateVersions) -> Answer {
    let state = &site.region().ec2;
    let (id, name) = (input.launch_template_id.as_deref(), input.launch_template_name.as_deref());
    let mut template = chosen(state, id, name)?.clone();
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for name in &input.launch_template_version {
        let Ok(number) = name.parse::<u64>() else {
            let message = format!("The launch template version {name} is invalid.");
            return Err(Refused::new("InvalidLaunchTemplateId.VersionNotFound", message));
        };
        let mut written = json!({
            "launchTemplateId": template.id,
            "launchTemplateName": template.name,
            "versionNumber": number,
        });
        let (code, message) = match template.version(name) {
            Ok(_) if number != template.default => {
                template.versions.retain(|version| version.number != number);
                gone.push(written);
                continue;
            }
            Ok(_) => ("launchTemplateVersionIsDefault", "The default version cannot be deleted."),
            Err(_) => ("launchTemplateVersionDoesNotExist", "The version does not exist."),
        };
        written["responseError"] = json!({ "code": code, "message": message });
        kept.push(written);
    }
    site.region_mut().ec2.launch_templates.insert(template.id.clone(), template);
    Ok(json!({
        "successfullyDeletedLaunchTemplateVersionSet": gone,
        "unsuccessfullyDeletedLaunchTemplateVersionSet": kept,
    }))
}
