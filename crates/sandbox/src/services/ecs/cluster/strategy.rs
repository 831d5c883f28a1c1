//! Capacity provider strategies: which providers, in which proportion.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::refused::Refused;
use crate::services::ecs::refusal::invalid;

/// A part of a strategy. ECS API, CapacityProviderStrategyItem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StrategyItem {
    /// The provider.
    pub capacity_provider: String,
    /// Its share of the tasks above all bases.
    #[serde(default)]
    pub weight: i64,
    /// How many tasks it gets at least.
    #[serde(default)]
    pub base: i64,
}

/// A strategy over the providers of a cluster, as the API shows it, or AWS's refusal. ECS API,
/// CapacityProviderStrategyItem: at most 20 providers, weights of 0 to 1,000, bases of 0 to
/// 100,000, only one of them not 0; no mixing of Fargate's providers with others.
pub(in crate::services::ecs) fn checked(
    strategy: &[StrategyItem],
    providers: &[String],
) -> Result<Vec<Value>, Refused> {
    if strategy.len() > 20 {
        return Err(invalid("A capacity provider strategy can contain at most 20 providers."));
    }
    for item in strategy {
        if !providers.contains(&item.capacity_provider) {
            return Err(invalid(
                "The specified capacity provider strategy cannot contain a capacity provider that \
                 is not associated with the cluster. Associate the capacity provider with the \
                 cluster and try again.",
            ));
        }
        if !(0..=1000).contains(&item.weight) {
            return Err(invalid("The weight of a capacity provider must be between 0 and 1000."));
        }
        if !(0..=100_000).contains(&item.base) {
            return Err(invalid("The base of a capacity provider must be between 0 and 100000."));
        }
    }
    if strategy.iter().filter(|item| item.base > 0).count() > 1 {
        return Err(invalid(
            "The specified capacity provider strategy is not valid. Only one capacity provider in \
             a strategy can have a base defined.",
        ));
    }
    let names: std::collections::BTreeSet<_> =
        strategy.iter().map(|item| &item.capacity_provider).collect();
    if names.len() != strategy.len() {
        return Err(invalid("A capacity provider can be in a strategy only once."));
    }
    let fargate = |item: &&StrategyItem| item.capacity_provider.starts_with("FARGATE");
    let of_fargate = strategy.iter().filter(fargate).count();
    if of_fargate != 0 && of_fargate != strategy.len() {
        return Err(invalid(
            "A capacity provider strategy cannot contain a mix of capacity providers using Auto \
             Scaling groups and Fargate providers. Specify one or the other and try again.",
        ));
    }
    Ok(strategy.iter().map(shown).collect())
}

fn shown(item: &StrategyItem) -> Value {
    let StrategyItem { capacity_provider, weight, base } = item;
    json!({ "capacityProvider": capacity_provider, "weight": weight, "base": base })
}
