//! The conditions in filter patterns: comparisons, and what joins them. Logs guide, "Filter pattern
//! syntax".

use serde_json::Value;

/// What has to hold.
#[derive(Debug)]
pub enum Expression {
    /// All of them.
    All(Vec<Expression>),
    /// One of them.
    Any(Vec<Expression>),
    /// A comparison of what a name stands for.
    Compare(String, Operator, Wanted),
    /// What a name stands for is `null`, `true` or `false`.
    Is(String, Value),
    /// A name stands for nothing.
    NotExists(String),
}

/// How something is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// With what something is compared.
#[derive(Debug)]
pub struct Wanted {
    text: String,
    number: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Operator(Operator),
    Word(String),
    Quoted(String),
}

/// Signs, the longer ones first.
const SIGNS: [(&str, Token); 10] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("!=", Token::Operator(Operator::NotEqual)),
    ("<=", Token::Operator(Operator::AtMost)),
    (">=", Token::Operator(Operator::AtLeast)),
    ("=", Token::Operator(Operator::Equal)),
    ("<", Token::Operator(Operator::Less)),
    (">", Token::Operator(Operator::Greater)),
    ("(", Token::Open),
    (")", Token::Close),
];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let sign = SIGNS
            .iter()
            .find_map(|(sign, token)| rest.strip_prefix(sign).map(|after| (token.clone(), after)));
        let (token, after) = match (sign, rest.strip_prefix('"')) {
            (Some(sign), _) => sign,
            (None, Some(quoted)) => {
                let (text, after) = quoted.split_once('"')?;
                (Token::Quoted(text.to_owned()), after)
            }
            (None, None) => {
                let (word, after) = rest.split_at_checked(word(rest))?;
                (Token::Word(word.to_owned()), after)
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

/// How long the word is with which a text begins. Between brackets everything belongs to it.
fn word(text: &str) -> usize {
    let mut bracketed = false;
    let end = text.find(|letter: char| match letter {
        '[' | ']' => {
            bracketed = letter == '[';
            false
        }
        _ => !bracketed && (letter.is_whitespace() || "=!<>()&|".contains(letter)),
    });
    end.unwrap_or(text.len()).max(1)
}

impl Expression {
    /// Reads an expression.
    pub fn read(text: &str) -> Option<Expression> {
        let mut tokens = tokens(text)?.into_iter().peekable();
        let expression = any(&mut tokens)?;
        tokens.next().is_none().then_some(expression)
    }

    /// The names that it speaks of.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Expression::All(parts) | Expression::Any(parts) => {
                parts.iter().flat_map(Expression::names).collect()
            }
            Expression::Compare(name, ..) | Expression::Is(name, _) => vec![name],
            Expression::NotExists(name) => vec![name],
        }
    }

    /// Whether it holds, where `find` tells what names stand for.
    pub fn holds(&self, find: &dyn Fn(&str) -> Option<Value>) -> bool {
        match self {
            Expression::All(parts) => parts.iter().all(|part| part.holds(find)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(find)),
            Expression::Compare(name, operator, wanted) => {
                find(name).is_some_and(|found| wanted.compare(*operator, &found))
            }
            Expression::Is(name, value) => find(name).as_ref() == Some(value),
            Expression::NotExists(name) => find(name).is_none(),
        }
    }
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

fn any(tokens: &mut Tokens) -> Option<Expression> {
    let mut parts = vec![all(tokens)?];
    while tokens.next_if_eq(&Token::Or).is_some() {
        parts.push(all(tokens)?);
    }
    Some(Expression::Any(parts))
}

fn all(tokens: &mut Tokens) -> Option<Expression> {
    let mut parts = vec![one(tokens)?];
    while tokens.next_if_eq(&Token::And).is_some() {
        parts.push(one(tokens)?);
    }
    Some(Expression::All(parts))
}

fn one(tokens: &mut Tokens) -> Option<Expression> {
    let name = match tokens.next()? {
        Token::Open => {
            let inner = any(tokens)?;
            return (tokens.next()? == Token::Close).then_some(inner);
        }
        Token::Word(name) => name,
        _ => return None,
    };
    match tokens.next()? {
        Token::Operator(operator) => {
            let wanted = match tokens.next()? {
                Token::Word(text) => Wanted { number: text.parse().ok(), text },
                Token::Quoted(text) => Wanted { text, number: None },
                _ => return None,
            };
            Some(Expression::Compare(name, operator, wanted))
        }
        Token::Word(is) if is == "IS" => match tokens.next()? {
            Token::Word(value) if value == "NULL" => Some(Expression::Is(name, Value::Null)),
            Token::Word(value) if value == "TRUE" => Some(Expression::Is(name, true.into())),
            Token::Word(value) if value == "FALSE" => Some(Expression::Is(name, false.into())),
            _ => None,
        },
        Token::Word(not) if not == "NOT" => {
            let exists = Token::Word("EXISTS".to_owned());
            (tokens.next()? == exists).then_some(Expression::NotExists(name))
        }
        _ => None,
    }
}

impl Wanted {
    fn compare(&self, operator: Operator, found: &Value) -> bool {
        let text = match found {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => found.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return false,
        };
        if let Some((wanted, found)) = self.number.zip(text.parse::<f64>().ok()) {
            return match operator {
                Operator::Equal => (found - wanted).abs() < f64::EPSILON,
                Operator::NotEqual => (found - wanted).abs() >= f64::EPSILON,
                Operator::Less => found < wanted,
                Operator::AtMost => found <= wanted,
                Operator::Greater => found > wanted,
                Operator::AtLeast => found >= wanted,
            };
        }
        match operator {
            Operator::Equal => is_like(&self.text, &text),
            Operator::NotEqual => !is_like(&self.text, &text),
            // Only numbers have an order.
            Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast => false,
        }
    }
}

/// Whether a text is as one in which `*` stands for anything.
fn is_like(wanted: &str, text: &str) -> bool {
    let Some((start, rest)) = wanted.split_once('*') else { return wanted == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    ends.filter_map(|at| text.get(at..)).any(|tail| is_like(rest, tail))
}
