//! CPU and memory of a task: units, or AWS's words for many of them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use landfall_model::reference;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What is measured.
pub trait Measure: 'static {
    /// The type's name in the schema.
    const NAME: &'static str;
    /// The word for 1024 units (`vCPU`).
    const BIG: &'static str;
    /// An example of both forms.
    const EXAMPLE: &'static str;
}

/// CPU units, 1024 to a vCPU.
#[derive(Debug)]
pub enum CpuUnits {}

impl Measure for CpuUnits {
    const NAME: &'static str = "cpu_units";
    const BIG: &'static str = "vCPU";
    const EXAMPLE: &'static str = "256 or 0.25 vCPU";
}

/// MiB.
#[derive(Debug)]
pub enum Mebibytes {}

impl Measure for Mebibytes {
    const NAME: &'static str = "mebibytes";
    const BIG: &'static str = "GB";
    const EXAMPLE: &'static str = "512 or 0.5 GB";
}

/// An amount, kept as the number of its units; a text while it is not known.
pub struct Amount<M>(String, PhantomData<fn() -> M>);

impl<M: Measure> Amount<M> {
    /// Reads units, or a number of big ones with their word.
    pub fn parse(text: &str) -> Option<Amount<M>> {
        let amount = |text: String| Some(Amount(text, PhantomData));
        let text = text.trim();
        if !reference::is_known(text) {
            return amount(text.to_owned());
        }
        if let Ok(units) = text.parse::<u32>() {
            return amount(units.to_string());
        }
        let at = text.len().checked_sub(M::BIG.len()).filter(|at| text.is_char_boundary(*at))?;
        let (number, word) = text.split_at(at);
        let big: f64 = number.trim().parse().ok().filter(|_| word.eq_ignore_ascii_case(M::BIG))?;
        let units = big * 1024.0;
        // An amount that is no whole number of units is none that AWS knows.
        (units.fract() == 0.0 && (0.0..1e9).contains(&units)).then_some(())?;
        amount(format!("{units:.0}"))
    }
}

impl<M> Amount<M> {
    /// The number of units, as AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number of units, once known.
    pub fn units(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl<M> Clone for Amount<M> {
    fn clone(&self) -> Self {
        Amount(self.0.clone(), PhantomData)
    }
}

impl<M> PartialEq for Amount<M> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<M> fmt::Debug for Amount<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<M> Serialize for Amount<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.units() {
            Some(units) => serializer.serialize_i64(units),
            None => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de, M: Measure> Deserialize<'de> for Amount<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Amount::parse(&text).ok_or_else(|| {
            let example = M::EXAMPLE;
            serde::de::Error::custom(format!("`{text}` is not an amount such as {example}"))
        })
    }
}

impl<M: Measure> JsonSchema for Amount<M> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        M::NAME.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "string"] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_aws_spellings_are_one() {
        let cpu = |text| Amount::<CpuUnits>::parse(text).and_then(|amount| amount.units());
        assert_eq!(cpu("256"), Some(256));
        assert_eq!(cpu(".25 vCPU"), Some(256));
        assert_eq!(cpu("0.25vcpu"), Some(256));
        assert_eq!(cpu("16 vCPU"), Some(16384));
        for nonsense in ["", "lots", "0.3 vCPU", "-1", "1 GB", "vCPU", "é"] {
            assert_eq!(cpu(nonsense), None, "{nonsense}");
        }
        let memory = |text| Amount::<Mebibytes>::parse(text).and_then(|amount| amount.units());
        assert_eq!(memory("0.5 GB"), Some(512));
        assert_eq!(memory("30GB"), Some(30720));
    }
}
