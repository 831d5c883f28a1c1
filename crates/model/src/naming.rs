//! Default names, and names for replacements.

use sha2::{Digest, Sha256};

/// How a kind's things are named when the spec gives no name.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// The field that holds the name.
    pub field: &'static str,
    /// What stands before the name (`/ecs/`, say).
    pub prefix: &'static str,
    /// The longest name that AWS takes, in characters.
    pub max: usize,
    /// Whether underscores are allowed; otherwise they become hyphens.
    pub underscores: bool,
    /// Whether AWS wants lower case.
    pub lower_case: bool,
    /// Whether the name has to outlive a replacement, because others know the thing by it (an image
    /// repository, a log group). Otherwise a replacement gets a name of its own.
    pub stable: bool,
}

impl Naming {
    /// The default name of a resource: `<stack>-<name>`, with the generation behind it from the
    /// second on. What is too long is cut and made unique by a hash of the whole.
    pub fn default_name(&self, stack: &str, name: &str, generation: u32) -> String {
        let suffix =
            if generation > 1 && !self.stable { format!("-g{generation}") } else { String::new() };
        let mut base = format!("{}{stack}-{name}", self.prefix);
        if !self.underscores {
            base = base.replace('_', "-");
        }
        if self.lower_case {
            base = base.to_lowercase();
        }
        let room = self.max - suffix.len();
        if base.len() > room {
            let hash = Sha256::digest(base.as_bytes());
            let mark: String = hash.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
            base.truncate(room - 7);
            base = format!("{}-{mark}", base.trim_end_matches(['-', '_']));
        }
        base + &suffix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOAD_BALANCER: Naming = Naming {
        field: "name",
        prefix: "",
        max: 32,
        underscores: false,
        lower_case: false,
        stable: false,
    };

    #[test]
    fn short_names_are_plain() {
        assert_eq!(LOAD_BALANCER.default_name("shop", "front_end", 1), "shop-front-end");
        assert_eq!(LOAD_BALANCER.default_name("shop", "main", 2), "shop-main-g2");
    }

    #[test]
    fn long_names_fit_and_differ() {
        let a = LOAD_BALANCER.default_name("a-very-long-stack-name-indeed", "alpha-one", 12);
        let b = LOAD_BALANCER.default_name("a-very-long-stack-name-indeed", "alpha-two", 12);
        assert!(a.len() <= 32 && b.len() <= 32, "{a} {b}");
        assert_ne!(a, b);
        assert!(a.ends_with("-g12"));
    }
}
