//! Who holds on to a thing that AWS does not let be deleted. One reader for all kinds: it is asked
//! only when a refusal lasts, so it may take calls that no plan would make.

mod cluster;
mod identities;
mod interfaces;
mod network;
mod target_group;

use futures_util::future::{BoxFuture, join_all};
use landfall_model::{CloudError, Going, Holder, Live, Owner, Tags};

use crate::Aws;

/// A question after holders.
#[derive(Clone, Copy)]
struct Asking<'a> {
    aws: &'a Aws,
    /// The stack that the held thing belongs to.
    stack: &'a str,
}

type Holders = Result<Vec<Holder>, CloudError>;

/// Who holds on to a thing.
pub(crate) async fn of(aws: &Aws, live: &Live) -> Holders {
    let owner = live.owner();
    let stack = owner.as_ref().map(|owner| owner.stack.as_str()).unwrap_or_default();
    let asking = Asking { aws, stack };
    let id = live.id.as_str();
    match live.kind.as_str() {
        "security_group" => network::of_security_group(asking, id).await,
        "subnet" => network::of_subnet(asking, id).await,
        "vpc" => network::of_vpc(asking, id).await,
        "internet_gateway" => match live.spec.get("vpc").and_then(|vpc| vpc.as_str()) {
            Some(vpc) => network::of_internet_gateway(asking, vpc).await,
            None => Ok(Vec::new()),
        },
        "route_table" => network::of_route_table(asking, id).await,
        "target_group" => target_group::of(asking, id).await,
        "ecs_cluster" => cluster::of(asking, id).await,
        "iam_policy" => identities::of_policy(asking, id).await,
        "iam_role" => identities::of_role(asking, id).await,
        _ => Ok(Vec::new()),
    }
}

impl Asking<'_> {
    /// A thing that is there, by its tags: the same stack's, another's, or nobody's.
    fn present(&self, what: &str, tags: &Tags, show: String) -> Holder {
        match Owner::from_tags(tags) {
            Some(owner) if owner.stack == self.stack => {
                Holder { what: what.to_owned(), going: Going::InTurn, show }
            }
            Some(owner) => {
                let what = format!("{what} ({} of the stack {})", owner.address, owner.stack);
                Holder { what, going: Going::Not, show }
            }
            None => Holder { what: what.to_owned(), going: Going::Not, show },
        }
    }
}

/// A thing by its sort and id, with its `Name` tag where it has one.
fn named(sort: &str, id: &str, tags: &Tags) -> String {
    match tags.get("Name").filter(|name| !name.is_empty()) {
        Some(name) => format!("the {sort} {id} ({name})"),
        None => format!("the {sort} {id}"),
    }
}

/// Several reads side by side. What one of them may not tell, others may: only if none answers is
/// it an error.
async fn all(reads: Vec<BoxFuture<'_, Holders>>) -> Holders {
    let mut found = Vec::new();
    let mut refused = None;
    let mut answered = false;
    for answer in join_all(reads).await {
        match answer {
            Ok(holders) => {
                answered = true;
                found.extend(holders);
            }
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        Some(error) if !answered => Err(error),
        _ => Ok(found),
    }
}
