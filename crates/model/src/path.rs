//! Where in a resource a value stands: `containers.app.image`, `ingress[0].cidr`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A key of a map.
    Key(String),
    /// A place in a list, from 0.
    Index(usize),
}

/// Where in a resource a value stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path(pub Vec<Segment>);

impl Path {
    /// The path of a resource's own field.
    pub fn field(name: &str) -> Path {
        Path(vec![Segment::Key(name.to_owned())])
    }

    /// Reads `a.b[0].c`.
    pub fn parse(text: &str) -> Path {
        let mut segments = Vec::new();
        for part in text.split('.') {
            let (key, indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
            segments.push(Segment::Key(key.to_owned()));
            for index in indexes.split(['[', ']']).filter_map(|index| index.parse().ok()) {
                segments.push(Segment::Index(index));
            }
        }
        Path(segments)
    }

    /// This path with a key behind it.
    pub fn key(&self, key: &str) -> Path {
        self.with(Segment::Key(key.to_owned()))
    }

    /// This path with an index behind it.
    pub fn index(&self, index: usize) -> Path {
        self.with(Segment::Index(index))
    }

    fn with(&self, segment: Segment) -> Path {
        let mut segments = self.0.clone();
        segments.push(segment);
        Path(segments)
    }

    /// The field of the resource in which the path begins.
    pub fn head(&self) -> &str {
        match self.0.first() {
            Some(Segment::Key(key)) => key,
            _ => "",
        }
    }

    /// Whether `self` is `other` or lies above it.
    pub fn covers(&self, other: &Path) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The value at this path.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
        })
    }

    /// Puts a value at this path, or removes what is there. Maps above it are made as needed.
    pub fn set(&self, target: &mut Value, new: Option<&Value>) {
        let Some((last, above)) = self.0.split_last() else { return };
        let mut at = target;
        for segment in above {
            at = match segment {
                Segment::Key(key) => {
                    if at.is_null() {
                        *at = Value::Object(Default::default());
                    }
                    let Some(map) = at.as_object_mut() else { return };
                    map.entry(key.clone()).or_insert(Value::Null)
                }
                Segment::Index(index) => match at.get_mut(index) {
                    Some(value) => value,
                    None => return,
                },
            };
        }
        match (last, new) {
            (Segment::Key(key), Some(new)) => {
                if at.is_null() {
                    *at = Value::Object(Default::default());
                }
                if let Some(map) = at.as_object_mut() {
                    map.insert(key.clone(), new.clone());
                }
            }
            (Segment::Key(key), None) => {
                if let Some(map) = at.as_object_mut() {
                    map.shift_remove(key);
                }
            }
            (Segment::Index(index), Some(new)) => {
                if let Some(slot) = at.get_mut(index) {
                    *slot = new.clone();
                }
            }
            (Segment::Index(_), None) => {}
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if i == 0 => write!(f, "{key}")?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Path, D::Error> {
        String::deserialize(deserializer).map(|text| Path::parse(&text))
    }
}
