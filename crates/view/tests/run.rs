//! How a run looks, while it lasts and when it has ended.

#![allow(clippy::unwrap_used)]

mod sample;

use std::time::Duration;

use indexmap::IndexMap;
use landfall_model::{Address, CloudError, Path, Reference, Refusal};
use landfall_plan::{Action, Cause, Census, Failure, Op, Outcome, Plan, References};
use landfall_view::{graph, left_text, outcome_text, outputs};
use sample::*;
use serde_json::json;

fn place(address: &Address, path: &Path) -> Option<String> {
    (address.kind != "log_group").then(|| format!("specs/shop.yaml:{}:5", 10 + path.0.len()))
}

fn refused(operation: &str, code: &str, message: &str) -> Cause {
    let denied = ["AccessDenied", "UnauthorizedOperation"].iter().any(|word| code.contains(word));
    Cause::Refused(Box::new(CloudError {
        operation: operation.to_owned(),
        refusal: if denied { Refusal::Denied } else { Refusal::Refused },
        code: Some(code.to_owned()),
        message: message.to_owned(),
        request_id: Some("8c3f9a52-7f1e-4a51-9f0e-3b1d6a1c2e44".to_owned()),
    }))
}

/// The outcome in which one step failed, the others as the scheduler leaves them.
fn failed(plan: &Plan, address: &str, op: Op, cause: Cause) -> Outcome {
    let mut outcome = Outcome::default();
    let mut open = vec![];
    for id in plan.steps.in_order().unwrap() {
        let step = plan.steps.step(id);
        if step.address == at(address) && step.op == op {
            open.push(id);
        } else if plan.steps.before(id).any(|before| open.contains(&before)) {
            open.push(id);
            outcome.not_started.push((step.address.clone(), step.op));
        } else {
            outcome.done.push((step.address.clone(), step.op));
        }
    }
    outcome.failed.push(Failure { address: at(address), op, cause });
    outcome
}

fn text(address: &str, op: Op, cause: Cause) -> String {
    let plan = from_nothing();
    outcome_text::render(&plan, &failed(&plan, address, op, cause), &place, &NARROW)
}

#[test]
fn all_went_well() {
    let plan = from_nothing();
    let done = plan.steps.ids().map(|id| plan.steps.step(id)).map(|s| (s.address.clone(), s.op));
    let outcome = Outcome { done: done.collect(), ..Outcome::default() };
    assert_eq!(outcome_text::render(&plan, &outcome, &place, &NARROW), "✓ 5 created.\n");
    let nothing = outcome_text::render(&of(vec![]), &Outcome::default(), &place, &NARROW);
    assert_eq!(nothing, "✓ Nothing had to be done.\n");
}

#[test]
fn denied() {
    insta::assert_snapshot!(text(
        "load_balancer.main",
        Op::Create,
        refused(
            "elasticloadbalancing:CreateLoadBalancer",
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/ci/session is not authorized to perform: elasticloadbalancing:CreateLoadBalancer on resource: arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop-main/* because no identity-based policy allows the elasticloadbalancing:CreateLoadBalancer action",
        )
    ));
}

#[test]
fn denied_at_160_columns_in_colour() {
    let plan = from_nothing();
    let cause = refused(
        "iam:PassRole",
        "AccessDenied",
        "User: arn:aws:iam::123456789012:user/me is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/shop-task with an explicit deny in a service control policy",
    );
    let outcome = failed(&plan, "ecs_service.app", Op::Create, cause);
    let style = landfall_view::Style { width: 160, ..COLOURED };
    let text = outcome_text::render(&plan, &outcome, &place, &style);
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn denied_in_cipher() {
    insta::assert_snapshot!(text(
        "security_group.alb",
        Op::Create,
        refused(
            "ec2:CreateSecurityGroup",
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcdefghijklmn",
        )
    ));
}

#[test]
fn quota() {
    insta::assert_snapshot!(text(
        "security_group.alb",
        Op::Create,
        refused(
            "ec2:CreateSecurityGroup",
            "SecurityGroupLimitExceeded",
            "The maximum number of security groups has been reached.",
        )
    ));
}

#[test]
fn in_use() {
    let plan = destroy();
    let cause = refused(
        "ec2:DeleteSecurityGroup",
        "DependencyViolation",
        "resource sg-1 has a dependent object",
    );
    let outcome = failed(&plan, "security_group.alb", Op::Delete, cause);
    insta::assert_snapshot!(outcome_text::render(&plan, &outcome, &place, &NARROW));
}

#[test]
fn other_refusals_are_aws_s_words() {
    insta::assert_snapshot!(text(
        "log_group.app",
        Op::Create,
        refused(
            "logs:PutRetentionPolicy",
            "InvalidParameterException",
            "1 validation error detected: Value '31' at 'retentionInDays' failed to satisfy constraint",
        )
    ));
}

#[test]
fn timed_out() {
    let Cause::Refused(last) = refused(
        "ecs:CreateService",
        "InvalidParameterException",
        "Unable to assume the service linked role.",
    ) else {
        unreachable!()
    };
    insta::assert_snapshot!(text(
        "ecs_service.app",
        Op::Create,
        Cause::TimedOut {
            because: "ECS does not know its service-linked role yet".to_owned(),
            after: Duration::from_secs(125),
            last: Some(last),
        }
    ));
}

#[test]
fn never_ready() {
    let plan = from_nothing();
    let cause = Cause::NeverReady(
        "(service shop-app) deployment failed: tasks failed to start.".to_owned(),
    );
    insta::assert_snapshot!(outcome_text::render(
        &plan,
        &failed(&plan, "ecs_service.app", Op::AwaitReady, cause),
        &place,
        &NARROW
    ));
}

#[test]
fn not_converging() {
    let paths = vec![Path::parse("desired_count"), Path::parse("tags.Owner")];
    insta::assert_snapshot!(text("ecs_service.app", Op::AwaitReady, Cause::NotConverging(paths)));
}

#[test]
fn moved_vanished_unresolved() {
    let needed = Reference::resource(at("load_balancer.main"), "dns_name");
    let causes = [
        (Op::AwaitReady, Cause::Moved(Path::parse("listener"))),
        (Op::AwaitReady, Cause::Vanished),
        (Op::Create, Cause::Unresolved(needed)),
        (Op::AwaitReady, Cause::NeverReady("landfall failed inside: task panicked".to_owned())),
    ];
    let texts = causes.map(|(op, cause)| text("ecs_service.app", op, cause));
    insta::assert_snapshot!(texts.join("────\n"));
}

#[test]
fn stopped_by_the_user() {
    let plan = from_nothing();
    let step = |address: &str, op| (at(address), op);
    let outcome = Outcome {
        done: vec![step("log_group.app", Op::Create), step("security_group.alb", Op::Create)],
        in_flight: vec![step("load_balancer.main", Op::Create)],
        ..Outcome::default()
    };
    insta::assert_snapshot!(outcome_text::render(&plan, &outcome, &place, &NARROW));
}

fn cost(kind: &str) -> Option<String> {
    match kind {
        "load_balancer" => Some("about $16.43 a month, and $5.84 per LCU".to_owned()),
        "ecr_repository" => Some("$0.10 per GB and month".to_owned()),
        _ => None,
    }
}

#[test]
fn something_is_left() {
    let mut plan = destroy();
    let cause = refused(
        "elasticloadbalancing:DeleteLoadBalancer",
        "OperationNotPermitted",
        "deletion protection is enabled",
    );
    let outcome = failed(&plan, "load_balancer.main", Op::Delete, cause);
    plan.changes.push(landfall_plan::Change {
        action: Action::Retain,
        ..remove("ecr_repository.app", "shop-app", landfall_plan::Because::Destroyed)
    });
    let narrow = left_text::render(&plan, &outcome, &Census::default(), &cost, &NARROW);
    let wide = left_text::render(&plan, &outcome, &Census::default(), &cost, &WIDE);
    insta::assert_snapshot!(narrow + "────\n" + &wide);
}

#[test]
fn nothing_is_left() {
    let plan = destroy();
    let done = plan.steps.ids().map(|id| plan.steps.step(id)).map(|s| (s.address.clone(), s.op));
    let outcome = Outcome { done: done.collect(), ..Outcome::default() };
    assert_eq!(
        left_text::render(&plan, &outcome, &Census::default(), &cost, &NARROW),
        "✓ 5 resources are deleted, nothing is left.\n"
    );
    let nothing =
        left_text::render(&of(vec![]), &Outcome::default(), &Census::default(), &cost, &NARROW);
    assert_eq!(nothing, "✓ The stack has nothing in AWS.\n");
}

#[test]
fn outputs_in_every_form() {
    let values = IndexMap::from([
        ("url".to_owned(), json!("http://shop-main-1.us-east-1.elb.amazonaws.com")),
        ("port".to_owned(), json!(80)),
        ("subnets".to_owned(), json!(["subnet-0a1", "subnet-0b2"])),
        (
            "roles".to_owned(),
            json!({
                "task": "arn:aws:iam::123456789012:role/shop-task",
                "execution": "arn:aws:iam::123456789012:role/shop-execution",
            }),
        ),
        ("later".to_owned(), json!(token("load_balancer.main", "dns_name"))),
    ]);
    insta::assert_snapshot!(outputs::text(&values, &NARROW));
    assert_eq!(outputs::json(&values)["later"], "${load_balancer.main.dns_name}");
    assert_eq!(outputs::raw(&values["url"]), "http://shop-main-1.us-east-1.elb.amazonaws.com");
    assert_eq!(outputs::raw(&values["subnets"]), r#"["subnet-0a1","subnet-0b2"]"#);
}

#[test]
fn graphs() {
    let stack = stack();
    let references = References::new(&stack, &observed(vec![]), &catalogue());
    insta::assert_snapshot!("dot", graph::render(&stack, &references, graph::Format::Dot));
    insta::assert_snapshot!("mermaid", graph::render(&stack, &references, graph::Format::Mermaid));
}
