//! Gives the untyped input of a call its type. Forms carry numbers and booleans as text, and an
//! empty list as an empty text; JSON does not.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

/// Why an input does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A required parameter is missing.
    #[error("{0} is missing")]
    Missing(String),
    /// There is no such parameter.
    #[error("{0} is unknown")]
    Unknown(String),
    /// A value has the wrong form.
    #[error("{0}")]
    Invalid(String),
}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Misfit {
        Misfit::Invalid(message.to_string())
    }

    fn missing_field(field: &'static str) -> Misfit {
        Misfit::Missing(field.to_owned())
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Misfit {
        Misfit::Unknown(field.to_owned())
    }
}

impl Misfit {
    /// The same one level up.
    fn within(self, parent: &str) -> Misfit {
        match self {
            Misfit::Missing(name) => Misfit::Missing(format!("{parent}.{name}")),
            Misfit::Unknown(name) => Misfit::Unknown(format!("{parent}.{name}")),
            Misfit::Invalid(message) if message.starts_with("Value ") => Misfit::Invalid(message),
            Misfit::Invalid(message) => {
                Misfit::Invalid(format!("Value for parameter {parent} is invalid. {message}"))
            }
        }
    }
}

pub(super) fn fit<T: DeserializeOwned>(value: &Value, form: bool) -> Result<T, Misfit> {
    T::deserialize(Field { value, form })
}

#[derive(Clone, Copy)]
struct Field<'v> {
    value: &'v Value,
    form: bool,
}

impl<'v> Field<'v> {
    /// The text of a form's field, which may stand for a number or a boolean.
    fn text(self) -> Option<&'v str> {
        self.value.as_str().filter(|_| self.form)
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $kind:ty, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            let Some(text) = self.text() else { return self.deserialize_any(visitor) };
            match text.parse::<$kind>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Misfit::Invalid(format!("'{text}' is not {}", $what))),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Field<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., value) => visitor.visit_f64(value.unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => {
                visitor.visit_seq(Items { items: items.iter(), form: self.form })
            }
            Value::Object(fields) => visitor.visit_map(Fields::of(fields, self.form)),
        }
    }

    parsed! {
        deserialize_bool visit_bool bool, "a boolean";
        deserialize_i8 visit_i8 i8, "an integer";
        deserialize_i16 visit_i16 i16, "an integer";
        deserialize_i32 visit_i32 i32, "an integer";
        deserialize_i64 visit_i64 i64, "an integer";
        deserialize_u8 visit_u8 u8, "an integer";
        deserialize_u16 visit_u16 u16, "an integer";
        deserialize_u32 visit_u32 u32, "an integer";
        deserialize_u64 visit_u64 u64, "an integer";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.text() {
            Some("") => visitor.visit_seq(Items { items: [].iter(), form: self.form }),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.value.as_str() {
            Some(text) if variants.contains(&text) => {
                let text: StrDeserializer<'_, Misfit> = text.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            _ => {
                let given = self.value.to_string();
                let known = variants.join(", ");
                Err(Misfit::Invalid(format!("{given} is none of [{known}]")))
            }
        }
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}

struct Items<'v> {
    items: std::slice::Iter<'v, Value>,
    form: bool,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let form = self.form;
        self.items.next().map(|value| seed.deserialize(Field { value, form })).transpose()
    }
}

struct Fields<'v> {
    fields: serde_json::map::Iter<'v>,
    value: Option<(&'v str, &'v Value)>,
    form: bool,
}

impl<'v> Fields<'v> {
    fn of(fields: &'v Map<String, Value>, form: bool) -> Fields<'v> {
        Fields { fields: fields.iter(), value: None, form }
    }
}

impl<'de> de::MapAccess<'de> for Fields<'de> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some((key, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some((key, value));
        let key: StrDeserializer<'_, Misfit> = key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let (key, value) = self.value.take().unwrap_or(("", &Value::Null));
        let field = Field { value, form: self.form };
        seed.deserialize(field).map_err(|misfit| misfit.within(key))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "PascalCase")]
    struct Port {
        number: u16,
        #[serde(default)]
        open: Option<bool>,
        #[serde(default)]
        names: Vec<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "PascalCase")]
    struct Ports {
        ports: Vec<Port>,
    }

    #[test]
    fn a_form_carries_numbers_as_text() {
        let form = json!({ "Number": "80", "Open": "true", "Names": "" });
        let port = Port { number: 80, open: Some(true), names: Vec::new() };
        assert_eq!(fit::<Port>(&form, true), Ok(port));
        assert!(matches!(fit::<Port>(&form, false), Err(Misfit::Invalid(_))));
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_path() {
        let fit = |port| fit::<Ports>(&json!({ "Ports": [port] }), true);
        let named = |misfit: Misfit| misfit.to_string();
        let missing = fit(json!({ "Open": "true" })).map_err(named);
        assert_eq!(missing, Err("Ports.Number is missing".to_owned()));
        let unknown = fit(json!({ "Number": "1", "Colour": "red" })).map_err(named);
        assert_eq!(unknown, Err("Ports.Colour is unknown".to_owned()));
        let invalid = fit(json!({ "Number": "many" })).map_err(named);
        let message = "Value for parameter Number is invalid. 'many' is not an integer";
        assert_eq!(invalid, Err(message.to_owned()));
    }
}
