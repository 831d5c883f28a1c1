//! What a kind says about itself, as data: its fields, names, implied order and known delays.

use std::time::Duration;

use crate::Naming;

/// What may happen to a field once the thing exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// AWS can change it in place.
    Mutable,
    /// A new value needs a new thing.
    Immutable,
    /// It steers landfall and never reaches AWS (`force_delete`), so it is not compared.
    Local,
}

/// The rule of one field of a kind's spec.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key in the spec.
    pub name: &'static str,
    /// What may happen to it.
    pub change: Change,
    /// Whether absence means "leave it as it is" instead of the default.
    pub unmanaged_if_absent: bool,
    /// Whether the create call leaves it at its default, for an update to set.
    pub after_create: bool,
    /// Whether it is part of what must be unique in AWS among the kind's things.
    pub identity: bool,
    /// Whether it is a document (a policy), shown as a text diff and compared as a whole.
    pub document: bool,
    /// Whether it is a map of documents by name, each shown and compared as one.
    pub documents: bool,
    /// Whether its value is needed to find the thing in AWS at all (a service's cluster).
    pub locates: bool,
}

impl Field {
    const fn new(name: &'static str, change: Change) -> Field {
        Field {
            name,
            change,
            unmanaged_if_absent: false,
            after_create: false,
            identity: false,
            document: false,
            documents: false,
            locates: false,
        }
    }

    /// A field that can be changed in place.
    pub const fn mutable(name: &'static str) -> Field {
        Field::new(name, Change::Mutable)
    }

    /// A field whose change needs a new thing.
    pub const fn immutable(name: &'static str) -> Field {
        Field::new(name, Change::Immutable)
    }

    /// A field that only steers landfall.
    pub const fn local(name: &'static str) -> Field {
        Field::new(name, Change::Local)
    }

    /// Absent means: leave it as it is.
    pub const fn unmanaged_if_absent(mut self) -> Field {
        self.unmanaged_if_absent = true;
        self
    }

    /// Not set by the create call.
    pub const fn after_create(mut self) -> Field {
        self.after_create = true;
        self
    }

    /// Part of what must be unique.
    pub const fn identity(mut self) -> Field {
        self.identity = true;
        self
    }

    /// Needed to find the thing.
    pub const fn locates(mut self) -> Field {
        self.locates = true;
        self
    }

    /// A document.
    pub const fn document(mut self) -> Field {
        self.document = true;
        self
    }

    /// A map of documents by name.
    pub const fn documents(mut self) -> Field {
        self.documents = true;
        self
    }
}

/// What a step waits for before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// The other thing exists.
    Created,
    /// The other thing has all its fields.
    Settled,
    /// The other thing can be used.
    Ready,
}

/// What an apply waits for once a thing is made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Await {
    /// Nothing: the call's answer will do.
    Nothing,
    /// That it can be used.
    Usable,
    /// That it can be used and is still as wanted then: AWS may take a change back.
    Kept,
}

/// What a thing's users notice while it is replaced, in words; `None` where they notice nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interruption {
    /// Where the new one comes first.
    pub create_first: Option<&'static str>,
    /// Where the old one has to go first.
    pub delete_first: Option<&'static str>,
}

/// An order that AWS demands though no field says so: this kind comes after each `other` that
/// reaches the same `via` resource by references.
#[derive(Clone, Copy, Debug)]
pub struct Implied {
    /// The kind that comes first.
    pub other: &'static str,
    /// The kind that both reach; the same as `other` where this kind reaches it itself.
    pub via: &'static str,
    /// How far the other has to be.
    pub wait: Wait,
}

/// Which of a kind's calls a [`Transient`] may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The create call.
    Create,
    /// Any call that changes the thing.
    Update,
    /// The delete call.
    Delete,
}

/// A refusal that passes by itself, because AWS has not caught up yet.
#[derive(Clone, Copy, Debug)]
pub struct Transient {
    /// During which call.
    pub on: On,
    /// AWS's error code.
    pub code: &'static str,
    /// A part of AWS's message; empty for any.
    pub message: &'static str,
    /// How long to keep trying.
    pub budget: Duration,
    /// What is being waited for, in words for the user.
    pub because: &'static str,
}

impl Transient {
    /// A refusal that is waited out for so many seconds at most.
    pub const fn within(
        seconds: u64,
        on: On,
        code: &'static str,
        message: &'static str,
        because: &'static str,
    ) -> Transient {
        Transient { on, code, message, budget: Duration::from_secs(seconds), because }
    }
}

/// What a kind says about itself.
#[derive(Clone, Copy, Debug)]
pub struct KindRules {
    /// The key in the spec, such as `security_group`.
    pub name: &'static str,
    /// The AWS service, as its IAM prefix: `ec2`.
    pub service: &'static str,
    /// Service and resource type as in its ARN: `ec2:security-group`, `ecr:repository`.
    pub resource_type: &'static str,
    /// One rule per key of the spec.
    pub fields: &'static [Field],
    /// How it is named by default; `None` where AWS knows no name.
    pub naming: Option<Naming>,
    /// Whether it gets a `Name` tag, as AWS's console shows for EC2 things.
    pub name_tag: bool,
    /// What its ARN will be, where that follows from its name: text with `{partition}`, `{region}`,
    /// `{account}` and `{name}`. Things that belong to it can be looked for before it is read.
    pub predictable_arn: Option<&'static str>,
    /// Outputs that change whenever a field does (a task definition's revision).
    pub revised_outputs: &'static [&'static str],
    /// Outputs that the create call does not tell yet: who refers to them waits until it is ready.
    pub late_outputs: &'static [&'static str],
    /// The order that AWS demands beyond the references.
    pub implied: &'static [Implied],
    /// Refusals that pass by themselves.
    pub transients: &'static [Transient],
    /// What an apply waits for once it is made or changed.
    pub await_ready: Await,
    /// Whether a delete waits until it is gone.
    pub await_gone: bool,
    /// Fields that, besides those of its identity, no two can have alike at the same time: the VPC
    /// and the IPv6 block of a subnet. Where one of them is not set, they exclude nothing.
    pub exclusive: &'static [&'static [&'static str]],
    /// The kinds whose things AWS does not let it be deleted under, while they refer to it.
    pub held_by: &'static [&'static str],
    /// Whether whoever still uses one that was deleted makes it anew: a late line makes its log
    /// group. At the end of a destroy it is looked for once more.
    pub comes_back: bool,
    /// What a replacement cannot spare its users.
    pub interruption: Interruption,
    /// Whether one that failed to come up is replaced (a thing that only AWS can mend is not).
    pub replace_failed: bool,
    /// What one costs while it exists, in words, by AWS's list prices for us-east-1; `None` where
    /// it costs nothing by itself.
    pub cost: Option<&'static str>,
}

impl KindRules {
    /// Rules with nothing special in them, to be filled with `..`.
    pub const fn new(
        name: &'static str,
        service: &'static str,
        resource_type: &'static str,
    ) -> Self {
        KindRules {
            name,
            service,
            resource_type,
            fields: &[],
            naming: None,
            name_tag: false,
            predictable_arn: None,
            revised_outputs: &[],
            late_outputs: &[],
            implied: &[],
            transients: &[],
            await_ready: Await::Nothing,
            await_gone: false,
            exclusive: &[],
            held_by: &[],
            comes_back: false,
            interruption: Interruption { create_first: None, delete_first: None },
            replace_failed: false,
            cost: None,
        }
    }

    /// The rule of a field.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
