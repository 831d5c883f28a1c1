//! Saved queries. They are kept; no query is ever run.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::name::{invalid, limit};
use crate::operations::Answer;
use crate::page;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// A saved query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryDefinition {
    query_language: Language,
    query_definition_id: String,
    name: String,
    query_string: String,
    last_modified: Time,
    log_group_names: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Language {
    #[default]
    #[serde(rename = "CWLI")]
    Cwli,
    #[serde(rename = "SQL")]
    Sql,
    #[serde(rename = "PPL")]
    Ppl,
}

/// The input of PutQueryDefinition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Put {
    #[serde(default)]
    query_language: Language,
    name: String,
    #[serde(default)]
    query_definition_id: Option<String>,
    #[serde(default)]
    log_group_names: Vec<String>,
    query_string: String,
    // The same name may stand for several queries, so there is nothing to be idempotent about.
    #[serde(default, rename = "clientToken")]
    _token: Option<String>,
}

/// PutQueryDefinition: a new one, or the one with the id in other words.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    if input.name.is_empty() || input.name.len() > 255 {
        return Err(invalid("The name of a query definition has 1 to 255 characters."));
    }
    let id = match input.query_definition_id {
        None => site.world.chance.uuid(),
        Some(id) if site.region().logs.queries.contains_key(&id) => id,
        Some(_) => return Err(not_found()),
    };
    let definition = QueryDefinition {
        query_language: input.query_language,
        query_definition_id: id.clone(),
        name: input.name,
        query_string: input.query_string,
        last_modified: site.now(),
        log_group_names: input.log_group_names,
    };
    site.region_mut().logs.queries.insert(id.clone(), definition);
    Ok(json!({ "queryDefinitionId": id }))
}

fn not_found() -> Refused {
    let message = "The specified query definition does not exist.";
    Refused::new("ResourceNotFoundException", message)
}

/// The input of DescribeQueryDefinitions.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    query_language: Option<Language>,
    query_definition_name_prefix: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// DescribeQueryDefinitions.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let most = limit(input.max_results, 1000, 1000)?;
    let found = site.region().logs.queries.values().filter(|one| {
        one.name.starts_with(&input.query_definition_name_prefix)
            && input.query_language.is_none_or(|language| language == one.query_language)
    });
    let scope = format!("query definitions {}", input.query_definition_name_prefix);
    let (found, next) = page::page(found.collect(), most, input.next_token.as_deref(), &scope)
        .map_err(|page::BadToken| super::name::bad_token())?;
    Ok(json!({ "queryDefinitions": found, "nextToken": next }))
}

/// The input of DeleteQueryDefinition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Delete {
    query_definition_id: String,
}

/// DeleteQueryDefinition.
pub fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let gone = site.region_mut().logs.queries.remove(&input.query_definition_id);
    gone.map(|_| json!({ "success": true })).ok_or_else(not_found)
}
