//! Launch templates. Nothing is launched from them here: they are kept, versioned and read back.

mod data;
pub mod version;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::filter::{self, Filter, filtered};
use super::paged::{Wanted, paged_within};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time};

/// A launch template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchTemplate {
    /// `lt-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its versions, the newest last.
    pub versions: Vec<version::Version>,
    /// The version that is meant where none is named.
    pub default: u64,
    /// How many versions were ever made: numbers are not used twice.
    pub numbered: u64,
    /// The token and the parameters of the call that made it.
    pub token: Option<(String, String)>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Time,
}

impl LaunchTemplate {
    /// The number of the newest version.
    fn latest(&self) -> u64 {
        self.versions.last().map_or(self.default, |version| version.number)
    }

    fn written(&self) -> Value {
        json!({
            "launchTemplateId": self.id,
            "launchTemplateName": self.name,
            "createTime": self.created.iso(),
            "createdBy": creator(),
            "defaultVersionNumber": self.default,
            "latestVersionNumber": self.latest(),
            "tagSet": tag_set(&self.tags),
            "operator": { "managed": false },
        })
    }
}

fn creator() -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/sandbox")
}

/// The template that a call means by its id or its name.
fn chosen<'s>(
    state: &'s State,
    id: Option<&str>,
    name: Option<&str>,
) -> Result<&'s LaunchTemplate, Refused> {
    match (id, name) {
        (Some(id), None) => by_id(state, id),
        (None, Some(name)) => by_name(state, name),
        (None, None) => {
            let message = "Either a launch template ID or a launch template name is required.";
            Err(Refused::new("MissingParameter", message))
        }
        (Some(_), Some(_)) => {
            let message = "Only one of a launch template ID and a launch template name can be \
                           specified.";
            Err(Refused::new("InvalidParameterCombination", message))
        }
    }
}

fn by_id<'s>(state: &'s State, id: &str) -> Result<&'s LaunchTemplate, Refused> {
    let hex = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !id.strip_prefix("lt-").is_some_and(hex) {
        let message = format!("The specified launch template ID '{id}' is invalid.");
        return Err(Refused::new("InvalidLaunchTemplateId.Malformed", message));
    }
    state.launch_templates.get(id).ok_or_else(|| {
        let message =
            format!("The specified launch template, with template ID {id}, does not exist.");
        Refused::new("InvalidLaunchTemplateId.NotFound", message)
    })
}

fn by_name<'s>(state: &'s State, name: &str) -> Result<&'s LaunchTemplate, Refused> {
    let mut templates = state.launch_templates.values();
    templates.find(|template| template.name == name).ok_or_else(|| {
        let message =
            format!("The specified launch template, with template name {name}, does not exist.");
        Refused::new("InvalidLaunchTemplateName.NotFoundException", message)
    })
}

/// The input of `CreateLaunchTemplate`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateLaunchTemplate {
    launch_template_name: String,
    launch_template_data: Value,
    #[serde(default)]
    version_description: Option<String>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
    #[serde(default)]
    client_token: Option<String>,
}

/// EC2 API, CreateLaunchTemplate: names have 3 to 128 letters, digits and `()./_-`, and are unique
/// in their region.
pub fn create(site: &mut Site<'_>, input: CreateLaunchTemplate) -> Answer {
    let state = &site.region().ec2;
    let parameters = format!("{input:?}");
    let name = input.launch_template_name;
    if let Some(made) = by_token(state, input.client_token.as_deref()) {
        let same = made.token.as_ref().is_some_and(|(_, known)| *known == parameters);
        let message = "Client token already used before.";
        return if same {
            Ok(json!({ "launchTemplate": made.written() }))
        } else {
            Err(Refused::new("IdempotentParameterMismatch", message))
        };
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "()./_-".contains(letter);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(plain) {
        let message = "The specified launch template name is invalid. A launch template name must \
                       be between 3 and 128 characters, and may contain letters, numbers, and the \
                       following characters: - ( ) . / _.";
        return Err(Refused::new("InvalidLaunchTemplateName.MalformedException", message));
    }
    if by_name(state, &name).is_ok() {
        let message = "Launch template name already in use.";
        return Err(Refused::new("InvalidLaunchTemplateName.AlreadyExistsException", message));
    }
    let tags = tags_for(&input.tag_specification, "launch-template")?;
    let data = data::checked(input.launch_template_data)?;
    let now = site.now();
    let first =
        version::Version { number: 1, description: input.version_description, data, created: now };
    let template = LaunchTemplate {
        id: site.new_id("lt"),
        name,
        versions: vec![first],
        default: 1,
        numbered: 1,
        token: input.client_token.map(|token| (token, parameters)),
        tags,
        created: now,
    };
    let answer = json!({ "launchTemplate": template.written() });
    site.region_mut().ec2.launch_templates.insert(template.id.clone(), template);
    Ok(answer)
}

fn by_token<'s>(state: &'s State, token: Option<&str>) -> Option<&'s LaunchTemplate> {
    let token = token?;
    let mut templates = state.launch_templates.values();
    templates.find(|template| template.token.as_ref().is_some_and(|(known, _)| known == token))
}

/// The input of `DescribeLaunchTemplates`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeLaunchTemplates {
    launch_template_id: Vec<String>,
    launch_template_name: Vec<String>,
    filter: Vec<Filter>,
    next_token: Option<String>,
    max_results: Option<i64>,
    // There are no operators, so nothing is hidden.
    include_managed_resources: bool,
}

/// Lists templates.
pub fn describe(site: &mut Site<'_>, input: DescribeLaunchTemplates) -> Answer {
    let state = &site.region().ec2;
    filter::known(&input.filter, &["create-time", "launch-template-name"])?;
    let mut asked = Vec::new();
    for id in &input.launch_template_id {
        asked.push(&by_id(state, id)?.id);
    }
    for name in &input.launch_template_name {
        asked.push(&by_name(state, name)?.id);
    }
    let all = state.launch_templates.values();
    let all = all.filter(|template| asked.is_empty() || asked.contains(&&template.id)).collect();
    let found: Vec<&LaunchTemplate> = filtered(
        all,
        &input.filter,
        |template| &template.tags,
        |template, name| match name {
            "create-time" => Some(vec![template.created.iso()]),
            "launch-template-name" => Some(vec![template.name.clone()]),
            _ => None,
        },
    )?;
    let scope = format!("launch templates {:?} {asked:?}", input.filter);
    let (found, next) = paged(found, input.max_results, input.next_token.as_deref(), &scope)?;
    let found: Vec<Value> = found.into_iter().map(LaunchTemplate::written).collect();
    Ok(json!({ "launchTemplates": found, "nextToken": next }))
}

/// EC2 API, DescribeLaunchTemplates: pages have 1 to 200 items.
fn paged<T>(
    items: Vec<T>,
    max_results: Option<i64>,
    token: Option<&str>,
    scope: &str,
) -> Result<(Vec<T>, Option<String>), Refused> {
    paged_within((1, 200), items, Wanted { max_results, token, scope })
}

/// The input of `ModifyLaunchTemplate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct ModifyLaunchTemplate {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
    // The same change again changes nothing.
    client_token: Option<String>,
    set_default_version: Option<String>,
}

/// Makes a version the default one.
pub fn modify(site: &mut Site<'_>, input: ModifyLaunchTemplate) -> Answer {
    let state = &site.region().ec2;
    let (id, name) = (input.launch_template_id.as_deref(), input.launch_template_name.as_deref());
    let mut template = chosen(state, id, name)?.clone();
    if let Some(version) = &input.set_default_version {
        template.default = template.version(version)?.number;
    }
    let answer = json!({ "launchTemplate": template.written() });
    site.region_mut().ec2.launch_templates.insert(template.id.clone(), template);
    Ok(answer)
}

/// The input of `DeleteLaunchTemplate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteLaunchTemplate {
    launch_template_id: Option<String>,
    launch_template_name: Option<String>,
}

/// Deletes a template with all its versions.
pub fn delete(site: &mut Site<'_>, input: DeleteLaunchTemplate) -> Answer {
    let state = &mut site.region_mut().ec2;
    let (id, name) = (input.launch_template_id.as_deref(), input.launch_template_name.as_deref());
    let template = chosen(state, id, name)?.clone();
    state.launch_templates.remove(&template.id);
    Ok(json!({ "launchTemplate": template.written() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Probe;

    #[test]
    fn versions_are_numbered_and_the_default_one_stays() {
        let mut probe = Probe::new();
        let data = json!({
            "ImageId": "ami-1", "InstanceType": "t3.micro", "SecurityGroupId": ["sg-1"],
            "NetworkInterface": [{ "DeviceIndex": "0", "SecurityGroupId": ["sg-2"] }],
        });
        let input = json!({ "LaunchTemplateName": "web", "LaunchTemplateData": data });
        let made = probe.ask("ec2", "CreateLaunchTemplate", input.clone());
        let code = probe.refused("ec2", "CreateLaunchTemplate", input);
        assert_eq!(code, "InvalidLaunchTemplateName.AlreadyExistsException");
        let id = made["launchTemplate"]["launchTemplateId"].clone();
        let next = json!({
            "LaunchTemplateId": id, "SourceVersion": "$Latest",
            "LaunchTemplateData": { "InstanceType": "t3.large" }
        });
        let second = probe.ask("ec2", "CreateLaunchTemplateVersion", next);
        assert_eq!(
            second["launchTemplateVersion"]["launchTemplateData"],
            json!({
                "imageId": "ami-1", "instanceType": "t3.large", "securityGroupIdSet": ["sg-1"],
                "networkInterfaceSet": [{ "deviceIndex": "0", "groupSet": ["sg-2"] }],
            })
        );
        let versions =
            |names: Value| json!({ "LaunchTemplateName": "web", "LaunchTemplateVersion": names });
        let found =
            probe.ask("ec2", "DescribeLaunchTemplateVersions", versions(json!(["$Default", "2"])));
        let found = found["launchTemplateVersionSet"].as_array().map(Vec::len);
        assert_eq!(found, Some(2));
        let gone =
            probe.ask("ec2", "DeleteLaunchTemplateVersions", versions(json!(["1", "2", "3"])));
        let count = |set: &str| gone[set].as_array().map(Vec::len);
        assert_eq!(count("successfullyDeletedLaunchTemplateVersionSet"), Some(1));
        assert_eq!(count("unsuccessfullyDeletedLaunchTemplateVersionSet"), Some(2));
        let code = probe.refused("ec2", "DescribeLaunchTemplateVersions", versions(json!(["2"])));
        assert_eq!(code, "InvalidLaunchTemplateId.VersionNotFound");
        let third = json!({
            "LaunchTemplateId": id, "LaunchTemplateData": { "InstanceType": "t3.large" }
        });
        let third = probe.ask("ec2", "CreateLaunchTemplateVersion", third);
        assert_eq!(third["launchTemplateVersion"]["versionNumber"], 3);
        probe.ask("ec2", "DeleteLaunchTemplate", json!({ "LaunchTemplateId": id }));
        assert!(probe.world.is_pristine());
        let code = probe.refused(
            "ec2",
            "DescribeLaunchTemplates",
            json!({ "LaunchTemplateName": ["web"] }),
        );
        assert_eq!(code, "InvalidLaunchTemplateName.NotFoundException");
    }
}
