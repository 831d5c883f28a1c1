//! The ARNs of this service: their shapes, and what is refused where one does not lead to a thing.

use super::constraint::invalid;
use crate::refused::Refused;
use crate::world::Site;

/// What an ARN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `loadbalancer/app/NAME/ID`
    LoadBalancer,
    /// `targetgroup/NAME/ID`
    TargetGroup,
    /// `listener/app/NAME/LOAD-BALANCER-ID/ID`
    Listener,
    /// `listener-rule/app/NAME/LOAD-BALANCER-ID/LISTENER-ID/ID`
    Rule,
    /// `truststore/NAME/ID`
    TrustStore,
}

const KINDS: &[(Kind, &str, usize)] = &[
    (Kind::LoadBalancer, "loadbalancer", 4),
    (Kind::TargetGroup, "targetgroup", 3),
    (Kind::Listener, "listener", 5),
    (Kind::Rule, "listener-rule", 6),
    (Kind::TrustStore, "truststore", 3),
];

impl Kind {
    /// What an ARN names, by its shape.
    pub fn of(arn: &str) -> Option<Kind> {
        let (service, resource) = {
            let mut parts = arn.splitn(6, ':').skip(2);
            (parts.next()?, parts.nth(2)?)
        };
        let parts: Vec<&str> = resource.split('/').collect();
        let found = KINDS.iter().find(|(_, kind, count)| {
            parts.first() == Some(kind) && parts.len() == *count && !parts.contains(&"")
        });
        let known = arn.starts_with("arn:") && service == "elasticloadbalancing";
        found.filter(|_| known).map(|(kind, ..)| *kind)
    }

    /// In the plural, as messages have it.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::LoadBalancer => "load balancers",
            Kind::TargetGroup => "target groups",
            Kind::Listener => "listeners",
            Kind::Rule => "rules",
            Kind::TrustStore => "trust stores",
        }
    }

    fn singular(self) -> &'static str {
        match self {
            Kind::LoadBalancer => "load balancer",
            Kind::TargetGroup => "target group",
            Kind::Listener => "listener",
            Kind::Rule => "listener rule",
            Kind::TrustStore => "trust store",
        }
    }

    /// The refusal of a thing that does not exist.
    pub fn not_found(self, message: impl Into<String>) -> Refused {
        let code = match self {
            Kind::LoadBalancer => "LoadBalancerNotFound",
            Kind::TargetGroup => "TargetGroupNotFound",
            Kind::Listener => "ListenerNotFound",
            Kind::Rule => "RuleNotFound",
            Kind::TrustStore => "TrustStoreNotFound",
        };
        Refused::new(code, message)
    }

    /// The refusal of a list of which not all exists.
    pub fn some_not_found(self) -> Refused {
        self.not_found(format!("One or more {} not found", self.plural()))
    }

    /// Refuses what is not an ARN of this kind.
    pub fn shaped(self, arn: &str) -> Result<(), Refused> {
        match Kind::of(arn) {
            Some(kind) if kind == self => Ok(()),
            _ => Err(invalid(format!("'{arn}' is not a valid {} ARN", self.singular()))),
        }
    }
}

/// The things that an operation takes, by ARN.
macro_rules! found {
    ($($(#[$doc:meta])* $name:ident $name_mut:ident $map:ident $kind:ident $thing:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name<'s>(site: &'s Site<'_>, arn: &str) -> Result<&'s $thing, Refused> {
            Kind::$kind.shaped(arn)?;
            let found = site.region().elb.$map.get(arn);
            found.ok_or_else(|| Kind::$kind.some_not_found())
        }

        $(#[$doc])*
        pub fn $name_mut<'s>(site: &'s mut Site<'_>, arn: &str) -> Result<&'s mut $thing, Refused> {
            Kind::$kind.shaped(arn)?;
            let found = site.region_mut().elb.$map.get_mut(arn);
            found.ok_or_else(|| Kind::$kind.some_not_found())
        }
    )*};
}

found! {
    /// A load balancer, or the refusal that there is none.
    load_balancer load_balancer_mut load_balancers LoadBalancer super::load_balancer::LoadBalancer;
    /// A target group, or the refusal that there is none.
    target_group target_group_mut target_groups TargetGroup super::target_group::TargetGroup;
    /// A listener, or the refusal that there is none.
    listener listener_mut listeners Listener super::listener::Listener;
}

/// A rule, or the refusal that there is none.
pub fn rule<'s>(site: &'s Site<'_>, arn: &str) -> Result<&'s super::rule::Rule, Refused> {
    Kind::Rule.shaped(arn)?;
    site.region().elb.rules.get(arn).ok_or_else(|| Kind::Rule.some_not_found())
}

/// The ARN of something that belongs to another thing: `listener` to `loadbalancer/app/…`.
pub fn under(parent: &str, kind: &str, id: &str) -> String {
    let (scope, resource) = parent.rsplit_once(':').unwrap_or(("", parent));
    let rest = resource.split_once('/').map_or("", |(_, rest)| rest);
    format!("{scope}:{kind}/{rest}/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_says_the_kind() {
        let scope = "arn:aws:elasticloadbalancing:us-east-1:111122223333";
        for (resource, kind) in [
            ("loadbalancer/app/main/50dc6c495c0c9188", Some(Kind::LoadBalancer)),
            ("loadbalancer/main/50dc6c495c0c9188", None),
            ("targetgroup/main/73e2d6bc24d8a067", Some(Kind::TargetGroup)),
            ("listener/app/main/50dc6c495c0c9188/f2f7dc8efc522ab2", Some(Kind::Listener)),
            ("listener-rule/app/main/50dc6c495c0c9188/f2f7dc8efc522ab2/9", Some(Kind::Rule)),
            ("listener/app//50dc6c495c0c9188/f2f7dc8efc522ab2", None),
        ] {
            assert_eq!(Kind::of(&format!("{scope}:{resource}")), kind, "{resource}");
        }
        assert_eq!(Kind::of("arn:aws:ecs:us-east-1:1:targetgroup/main/73e2d6bc24d8a067"), None);
        let balancer = format!("{scope}:loadbalancer/app/main/50dc6c495c0c9188");
        let listener = format!("{scope}:listener/app/main/50dc6c495c0c9188/1");
        assert_eq!(under(&balancer, "listener", "1"), listener);
    }
}
