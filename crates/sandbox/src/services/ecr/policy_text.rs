//! Policies as the registry writes them back: not as they were sent, but laid out anew.

use serde_json::Value;

/// Lays out a document the way that ECR shows policies (ECR API, GetRepositoryPolicy, example):
/// two blanks per level, blanks around colons, elements of lists side by side.
pub fn lay_out(document: &Value) -> String {
    let mut text = String::new();
    write(document, 0, &mut text);
    text
}

fn write(value: &Value, level: usize, text: &mut String) {
    match value {
        Value::Object(fields) if fields.is_empty() => text.push_str("{ }"),
        Value::Object(fields) => {
            let mut separator = "{";
            for (key, value) in fields {
                text.push_str(separator);
                separator = ",";
                line(level + 1, text);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(" : ");
                write(value, level + 1, text);
            }
            line(level, text);
            text.push('}');
        }
        Value::Array(items) if items.is_empty() => text.push_str("[ ]"),
        Value::Array(items) => {
            let mut separator = "[ ";
            for item in items {
                text.push_str(separator);
                separator = ", ";
                write(item, level, text);
            }
            text.push_str(" ]");
        }
        other => text.push_str(&other.to_string()),
    }
}

fn line(level: usize, text: &mut String) {
    text.push('\n');
    text.push_str(&"  ".repeat(level));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_laid_out_as_by_ecr() {
        let document = json!({ "Version": "2008-10-17", "Statement": [{ "Action": ["a", "b"] }] });
        let text = "{\n  \"Version\" : \"2008-10-17\",\n  \"Statement\" : [ {\n    \"Action\" : \
                    [ \"a\", \"b\" ]\n  } ]\n}";
        assert_eq!(lay_out(&document), text);
    }
}
