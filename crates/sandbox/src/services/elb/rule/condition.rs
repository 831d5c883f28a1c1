//! Conditions of rules.

use serde::{Deserialize, Serialize};

use super::super::constraint::{invalid, one_of};
use super::super::limit;
use crate::refused::Refused;

const FIELDS: &[&str] = &[
    "path-pattern",
    "host-header",
    "http-header",
    "http-request-method",
    "query-string",
    "source-ip",
];

/// What a request has to be like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Condition {
    field: Option<String>,
    values: Option<Vec<String>>,
    host_header_config: Option<Patterns>,
    path_pattern_config: Option<Patterns>,
    http_header_config: Option<Header>,
    query_string_config: Option<Query>,
    http_request_method_config: Option<Methods>,
    source_ip_config: Option<Sources>,
    regex_values: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct Patterns {
    values: Option<Vec<String>>,
    regex_values: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct Header {
    http_header_name: Option<String>,
    values: Option<Vec<String>>,
    regex_values: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct Query {
    values: Vec<Pair>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct Pair {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct Methods {
    values: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
struct Sources {
    values: Vec<String>,
    ip_address_type: Option<String>,
}

/// The conditions as AWS keeps them. ELB API, RuleCondition: at most one each of host-header,
/// path-pattern, http-request-method and source-ip; no empty one.
pub fn accept(conditions: Vec<Condition>) -> Result<Vec<Condition>, Refused> {
    if conditions.is_empty() {
        return Err(invalid("A rule must have at least one condition"));
    }
    let accepted: Result<Vec<Condition>, Refused> = conditions.into_iter().map(one).collect();
    let accepted = accepted?;
    for condition in &accepted {
        let field = condition.field.as_deref().unwrap_or_default();
        let again = accepted.iter().filter(|other| other.field == condition.field).count() > 1;
        if again && !matches!(field, "http-header" | "query-string") {
            return Err(invalid(format!("A rule can only have one '{field}' condition")));
        }
    }
    let all: Vec<String> = accepted.iter().flat_map(texts).collect();
    if all.len() > limit::CONDITION_VALUES {
        let most = limit::CONDITION_VALUES;
        return Err(invalid(format!("A rule can only have '{most}' condition values")));
    }
    let wild = |text: &String| text.matches(['*', '?']).count();
    if all.iter().map(wild).sum::<usize>() > limit::WILDCARDS {
        let most = limit::WILDCARDS;
        return Err(invalid(format!("A rule can only have '{most}' condition wildcards")));
    }
    Ok(accepted)
}

/// All that counts as a value.
fn texts(condition: &Condition) -> Vec<String> {
    let mut texts = condition.values.clone().unwrap_or_default();
    texts.extend(condition.regex_values.clone().unwrap_or_default());
    if let Some(header) = &condition.http_header_config {
        texts.extend(header.values.clone().unwrap_or_default());
    }
    if let Some(query) = &condition.query_string_config {
        texts.extend(query.values.iter().filter_map(|pair| pair.value.clone()));
    }
    if let Some(methods) = &condition.http_request_method_config {
        texts.extend(methods.values.clone());
    }
    if let Some(sources) = &condition.source_ip_config {
        texts.extend(sources.values.clone());
    }
    texts
}

fn one(mut condition: Condition) -> Result<Condition, Refused> {
    let Some(field) = condition.field.clone() else {
        return Err(invalid("A condition field must be specified"));
    };
    if !FIELDS.contains(&field.as_str()) {
        let fields = FIELDS.join(", ");
        return Err(invalid(format!("Condition field '{field}' must be one of '[{fields}]'")));
    }
    has_its_own_config(&condition, &field)?;
    match field.as_str() {
        "host-header" => {
            let config = condition.host_header_config.take();
            condition.host_header_config = Some(patterns(&mut condition, config, &field)?);
        }
        "path-pattern" => {
            let config = condition.path_pattern_config.take();
            condition.path_pattern_config = Some(patterns(&mut condition, config, &field)?);
        }
        "http-header" => {
            let plain = condition.regex_values.clone();
            header(condition.http_header_config.as_mut().ok_or_else(no_value)?, plain)?;
            let config = condition.http_header_config.as_ref();
            condition.regex_values = config.and_then(|config| config.regex_values.clone());
        }
        "query-string" => {
            query(condition.query_string_config.as_ref().ok_or_else(no_value)?)?;
        }
        "http-request-method" => {
            methods(condition.http_request_method_config.as_ref().ok_or_else(no_value)?)?;
        }
        _ => sources(condition.source_ip_config.as_ref().ok_or_else(no_value)?)?,
    }
    Ok(condition)
}

fn no_value() -> Refused {
    invalid("A condition value must be specified")
}

/// ELB API, RuleCondition: "specify only when Field is …".
fn has_its_own_config(condition: &Condition, field: &str) -> Result<(), Refused> {
    let configs = [
        ("host-header", condition.host_header_config.is_some()),
        ("path-pattern", condition.path_pattern_config.is_some()),
        ("http-header", condition.http_header_config.is_some()),
        ("query-string", condition.query_string_config.is_some()),
        ("http-request-method", condition.http_request_method_config.is_some()),
        ("source-ip", condition.source_ip_config.is_some()),
    ];
    if let Some((other, _)) = configs.into_iter().find(|(own, given)| *given && *own != field) {
        return Err(invalid(format!(
            "The configuration of a '{other}' condition cannot be specified for the field '{field}'"
        )));
    }
    let plain = matches!(field, "host-header" | "path-pattern");
    if condition.values.is_some() && !plain {
        return Err(invalid(format!("Values cannot be specified for the field '{field}'")));
    }
    if condition.regex_values.is_some() && !plain && field != "http-header" {
        return Err(invalid(format!("RegexValues cannot be specified for the field '{field}'")));
    }
    Ok(())
}

/// Both forms of a host-header and a path-pattern condition. ELB API, RuleCondition: either the
/// plain form or the configuration; AWS reads both back.
fn patterns(
    condition: &mut Condition,
    config: Option<Patterns>,
    field: &str,
) -> Result<Patterns, Refused> {
    let plain = condition.values.is_some() || condition.regex_values.is_some();
    if plain && config.is_some() {
        return Err(invalid(format!(
            "Values and the configuration of a '{field}' condition cannot both be specified"
        )));
    }
    let patterns = config.unwrap_or_else(|| Patterns {
        values: condition.values.take(),
        regex_values: condition.regex_values.take(),
    });
    let values = patterns.values.clone().unwrap_or_default();
    let regexes = patterns.regex_values.clone().unwrap_or_default();
    if values.is_empty() == regexes.is_empty() {
        return Err(no_value());
    }
    for value in values.iter().chain(&regexes) {
        sized(value, field, 128)?;
    }
    for value in &values {
        let allowed = if field == "host-header" { "-.*?" } else { "_-.$/~\"'@:+&()!,;=%#*?" };
        let bad = value.chars().find(|one| !one.is_ascii_alphanumeric() && !allowed.contains(*one));
        if let Some(bad) = bad {
            return Err(invalid(format!("The {field} value '{value}' cannot contain '{bad}'")));
        }
        if field == "host-header" {
            host(value)?;
        }
    }
    condition.values = (!values.is_empty()).then_some(values);
    condition.regex_values = (!regexes.is_empty()).then_some(regexes);
    Ok(Patterns { values: condition.values.clone(), regex_values: condition.regex_values.clone() })
}

/// ELB API, HostHeaderConditionConfig: a dot, and only letters and wildcards after the last one.
fn host(value: &str) -> Result<(), Refused> {
    let last = value.rsplit_once('.').map(|(_, last)| last);
    let known = last.is_some_and(|last| {
        last.chars().all(|letter| letter.is_ascii_alphabetic() || "*?".contains(letter))
    });
    match known {
        true => Ok(()),
        false => Err(invalid(format!("The host name '{value}' is not valid"))),
    }
}

fn sized(value: &str, field: &str, most: usize) -> Result<(), Refused> {
    if value.is_empty() {
        return Err(no_value());
    }
    match value.chars().count() > most {
        false => Ok(()),
        true => Err(invalid(format!(
            "The '{field}' value is too long; the limit is '{most}' characters"
        ))),
    }
}

/// ELB API, HttpHeaderConditionConfig: a name as RFC 7230 has it, other than that of the host.
fn header(config: &mut Header, plain: Option<Vec<String>>) -> Result<(), Refused> {
    let Some(name) = &config.http_header_name else {
        return Err(invalid("An HTTP header name must be specified"));
    };
    sized(name, "http-header", 40)?;
    let token = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'+-.^_`|~".contains(letter);
    if !name.chars().all(token) {
        return Err(invalid(format!("The HTTP header name '{name}' is not valid")));
    }
    if name.eq_ignore_ascii_case("host") {
        return Err(invalid("The host header is matched by a 'host-header' condition"));
    }
    if config.regex_values.is_none() {
        config.regex_values = plain;
    }
    let values = config.values.iter().flatten().chain(config.regex_values.iter().flatten());
    let mut any = false;
    for value in values {
        sized(value, "http-header", 128)?;
        any = true;
    }
    if any { Ok(()) } else { Err(no_value()) }
}

fn query(config: &Query) -> Result<(), Refused> {
    if config.values.is_empty() {
        return Err(no_value());
    }
    for Pair { key, value } in &config.values {
        let value = value.as_ref().ok_or_else(no_value)?;
        sized(value, "query-string", 128)?;
        key.as_ref().map_or(Ok(()), |key| sized(key, "query-string", 128))?;
    }
    Ok(())
}

/// ELB API, HttpRequestMethodConditionConfig: capitals, hyphens and underscores.
fn methods(config: &Methods) -> Result<(), Refused> {
    if config.values.is_empty() {
        return Err(no_value());
    }
    for method in &config.values {
        sized(method, "http-request-method", 40)?;
        if !method.bytes().all(|byte| byte.is_ascii_uppercase() || b"-_".contains(&byte)) {
            return Err(invalid(format!("The HTTP request method '{method}' is not valid")));
        }
    }
    Ok(())
}

/// ELB API, SourceIpConditionConfig: blocks of addresses.
fn sources(config: &Sources) -> Result<(), Refused> {
    if let Some(sort) = &config.ip_address_type {
        one_of("sourceIpConfig.ipAddressType", sort, &["ipv4", "ipv6"])?;
        return Err(invalid("IpAddressType is supported only on network load balancers"));
    }
    if config.values.is_empty() {
        return Err(no_value());
    }
    for block in &config.values {
        if block.parse::<ipnet::IpNet>().is_err() {
            return Err(invalid(format!("The CIDR block '{block}' is not valid")));
        }
    }
    Ok(())
}
