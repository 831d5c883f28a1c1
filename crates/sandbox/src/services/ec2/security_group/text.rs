//! What names and descriptions of security groups can be. EC2 API, CreateSecurityGroup: up to 255
//! characters of `a-z`, `A-Z`, `0-9`, spaces and `._-:/()#,@[]+=&;{}!$*`.

use crate::refused::Refused;

const SIGNS: &str = " ._-:/()#,@[]+=&;{}!$*";

/// A group's name, without spaces at its end.
pub(super) fn checked_name(name: &str) -> Result<&str, Refused> {
    let name = name.trim_end();
    let invalid = |why: &str| {
        let message = format!("Value ({name}) for parameter GroupName is invalid. {why}");
        Err(Refused::new("InvalidParameterValue", message))
    };
    if name.is_empty() {
        return Err(required("GroupName"));
    }
    if name == "default" {
        let message = "Cannot use reserved security group name: default";
        return Err(Refused::new("InvalidParameterValue", message));
    }
    if name.starts_with("sg-") {
        return invalid("Group names may not be in the format sg-*.");
    }
    if !name.is_ascii() {
        return invalid("Character sets beyond ASCII are not supported.");
    }
    if !is_plain(name) {
        return Err(not_from_the_set("security group name", "names"));
    }
    Ok(name)
}

/// A group's description.
pub fn checked_description(description: &str) -> Result<String, Refused> {
    if description.is_empty() {
        return Err(required("GroupDescription"));
    }
    if !description.is_ascii() {
        let message = format!(
            "Value ({description}) for parameter GroupDescription is invalid. Character sets \
             beyond ASCII are not supported."
        );
        return Err(Refused::new("InvalidParameterValue", message));
    }
    if !is_plain(description) {
        return Err(not_from_the_set("security group description", "descriptions"));
    }
    Ok(description.to_owned())
}

/// A rule's description; the empty one is none.
pub fn checked_rule_description(description: Option<&str>) -> Result<Option<String>, Refused> {
    match description {
        None | Some("") => Ok(None),
        Some(text) if is_plain(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(not_from_the_set("rule description", "descriptions")),
    }
}

fn is_plain(text: &str) -> bool {
    text.chars().count() < 256
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || SIGNS.contains(letter))
}

fn required(name: &str) -> Refused {
    Refused::new("MissingParameter", format!("The request must contain the parameter {name}"))
}

fn not_from_the_set(what: &str, plural: &str) -> Refused {
    let message = format!(
        "Invalid {what}. Valid {plural} are strings less than 256 characters from the following \
         set:  a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$*"
    );
    Refused::new("InvalidParameterValue", message)
}
