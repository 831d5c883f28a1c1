//! What the API's model says of single values, refused in the words of its own validation.

use crate::refused::Refused;

/// A refusal as most of this service's are.
pub fn invalid(message: impl Into<String>) -> Refused {
    Refused::new("ValidationError", message)
}

/// A refusal of settings that do not go together.
pub fn misconfigured(message: impl Into<String>) -> Refused {
    Refused::new("InvalidConfigurationRequest", message)
}

fn violated(member: &str, value: &str, constraint: &str) -> Refused {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         {constraint}"
    ))
}

/// A value of an enumeration.
pub fn one_of(member: &str, value: &str, set: &[&str]) -> Result<(), Refused> {
    if set.contains(&value) {
        return Ok(());
    }
    let set = set.join(", ");
    Err(violated(member, value, &format!("Member must satisfy enum value set: [{set}]")))
}

/// A number in its range.
pub fn within(member: &str, value: i64, least: i64, most: i64) -> Result<(), Refused> {
    let constraint = if value < least {
        format!("Member must have value greater than or equal to {least}")
    } else if value > most {
        format!("Member must have value less than or equal to {most}")
    } else {
        return Ok(());
    };
    Err(violated(member, &value.to_string(), &constraint))
}

/// A text of a length.
pub fn length(member: &str, value: &str, least: usize, most: usize) -> Result<(), Refused> {
    let length = value.chars().count();
    let constraint = if length < least {
        format!("Member must have length greater than or equal to {least}")
    } else if length > most {
        format!("Member must have length less than or equal to {most}")
    } else {
        return Ok(());
    };
    Err(violated(member, value, &constraint))
}

/// The ports there are.
pub fn port(member: &str, value: i64) -> Result<(), Refused> {
    within(member, value, 1, 65535)
}

/// The name of a load balancer or a target group. ELB API, CreateLoadBalancer and
/// CreateTargetGroup: at most 32 letters, digits and hyphens, no hyphen at either end. `what` opens
/// the sentence: `The load balancer name`.
pub fn name(what: &str, name: &str) -> Result<(), Refused> {
    if name.is_empty() {
        return Err(invalid(format!("{what} cannot be empty")));
    }
    if name.chars().count() > 32 {
        return Err(invalid(format!("{what} '{name}' cannot be longer than '32' characters")));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(invalid(format!(
            "{what} '{name}' can only contain characters that are alphanumeric characters and \
             hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!("{what} '{name}' cannot begin or end with a hyphen(-)")));
    }
    Ok(())
}
