//! What a plain scalar can mean. Strict: `no` is a text, so are `0123`, `1_000` and dates.

use serde_json::{Number, Value};

use crate::tree::Scalar;

impl Scalar {
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// The value where no field says what is wanted.
    pub fn typed(&self) -> Value {
        if self.is_null() {
            return Value::Null;
        }
        self.plain
            .then(|| {
                boolean(&self.text)
                    .map(Value::Bool)
                    .or_else(|| integer(&self.text).map(Value::Number))
                    .or_else(|| number(&self.text).map(Value::Number))
            })
            .flatten()
            .unwrap_or_else(|| Value::String(self.text.clone()))
    }
}

pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A decimal integer without a leading zero: those are account ids and the like.
pub(crate) fn integer(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty() || leading_zero || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let signed = text.parse::<i64>().map(Number::from);
    signed.or_else(|_| text.parse::<u64>().map(Number::from)).ok()
}

/// A number with a decimal point or an exponent, or an integer.
pub(crate) fn number(text: &str) -> Option<Number> {
    if let Some(number) = integer(text) {
        return Some(number);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1
        && digits.starts_with('0')
        && digits[1..].starts_with(|c: char| c.is_ascii_digit());
    let shaped = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        && digits.contains(['.', 'e', 'E']);
    if leading_zero || !shaped {
        return None;
    }
    text.parse::<f64>().ok().and_then(Number::from_f64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_unmistakable_is_typed() {
        let typed = |text: &str| Scalar { text: text.to_owned(), plain: true }.typed();
        assert_eq!(typed("80"), json!(80));
        assert_eq!(typed("-1"), json!(-1));
        assert_eq!(typed("1.5"), json!(1.5));
        assert_eq!(typed("true"), json!(true));
        assert_eq!(typed("~"), json!(null));
        for text in ["no", "on", "012345678901", "1_000", "2012-10-17", "0x10", "1.2.3", "nan"] {
            assert_eq!(typed(text), json!(text));
        }
        assert_eq!(Scalar { text: "80".to_owned(), plain: false }.typed(), json!("80"));
    }
}
