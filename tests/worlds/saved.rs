//! Saved plans: carried out as shown, refused where what they would touch has moved.

use std::fs;
use std::path::Path;

use landfall_tests::binary::{Landfall, Output};
use landfall_tests::recorder::{At, Fault, Kind, Victim, When};
use landfall_tests::simulated;
use landfall_tests::world::World;
use tempfile::TempDir;

const SPEC: &str = r#"stack: kept
region: us-east-1
variables:
  days: 30
  scan: true
  tags: mutable
lookup:
  vpc:
    default: { default: true }
  subnets:
    default: { vpc: lookup.vpc.default }
resources:
  ecr_repository:
    app: { scan_on_push: "${var.scan}", tag_mutability: "${var.tags}" }
  log_group:
    app: { name: /kept/app, retention_days: "${var.days}" }
  security_group:
    web:
      vpc: lookup.vpc.default
      ingress: [{ port: 80, cidr: 0.0.0.0/0 }]
outputs:
  repository: "${ecr_repository.app.url}"
"#;

/// A folder with a spec in it, and an empty account.
struct Place {
    world: World,
    folder: TempDir,
}

impl Place {
    fn new(spec: &str) -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("spec.yaml"), spec).unwrap();
        Place { world: World::sandbox(), folder }
    }

    fn landfall(&self, arguments: &[&str]) -> Landfall {
        Landfall::new(&self.world).args(arguments.iter().copied()).cwd(self.folder.path())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.landfall(arguments).run()
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// What was written, but for the lock and the journal, in the order of the operations' names: side
    /// by side they come as they like.
    fn writes(&self) -> Vec<String> {
        let calls = self.world.recorder.writes();
        let calls = calls.iter().filter(|call| !call.body.contains("/landfall/"));
        let mut writes: Vec<String> = calls.map(|call| call.operation.clone()).collect();
        writes.sort();
        writes
    }

    /// Applies the spec, then saves a plan that changes the retention.
    fn with_a_change_planned() -> Place {
        let place = Place::new(SPEC);
        place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
        let plan = ["plan", "spec.yaml", "--var", "days=60", "--out", "plan.json", "--exit-code"];
        place.run(&plan).expect_status(2);
        place.world.recorder.clear();
        place
    }

    fn refused(&self) -> String {
        self.world.recorder.clear();
        let output = self.run(&["apply", "plan.json"]).expect_status(1);
        assert!(self.writes().is_empty(), "a refused plan wrote:\n{}", self.world.recorder);
        assert!(output.stderr.contains("nothing was changed"), "{output}");
        output.stderr
    }
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn what_was_shown_is_carried_out_without_the_spec() {
    let spec = include_str!("../../specs/tutorial.yaml");
    let by_spec = Place::new(spec);
    by_spec.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);

    let by_plan = Place::new(spec);
    let planned = by_plan.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
    assert!(by_plan.writes().is_empty(), "a plan wrote:\n{}", by_plan.world.recorder);
    fs::remove_file(by_plan.file("spec.yaml")).unwrap();
    let applied = by_plan.run(&["apply", "plan.json"]).expect_status(0);
    assert_eq!(by_plan.writes(), by_spec.writes());
    let shown = planned.stdout.rsplit_once("\n\n").unwrap().0;
    assert!(applied.stdout.starts_with(shown), "{planned}\n{applied}");
    has(&applied.stdout, &["✓ 13 created.", "url:", "writes"]);

    // Whoever runs it again finds all of it done.
    by_plan.world.recorder.clear();
    let again = by_plan.run(&["apply", "plan.json"]).expect_status(0);
    has(&again.stdout, &["No changes.", "url:"]);
    assert!(by_plan.writes().is_empty(), "{}", by_plan.world.recorder);
    fs::write(by_plan.file("spec.yaml"), spec).unwrap();
    by_plan.run(&["plan", "spec.yaml", "--exit-code"]).expect_status(0);
}

#[test]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_a_change_planned();
    let mode = fs::metadata(place.file("plan.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let names: Vec<_> = fs::read_dir(place.folder.path()).unwrap().collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_field_that_it_would_change_has_moved() {
    let place = Place::with_a_change_planned();
    place.world.python(
        "import boto3\n\
         boto3.client('logs').put_retention_policy(logGroupName='/kept/app', retentionInDays=7)\n\
         boto3.client('ecr').put_image_scanning_configuration(\
         repositoryName='kept-app', imageScanningConfiguration={'scanOnPush': False})",
        &[],
    );
    let said = place.refused();
    has(&said, &["log_group.app", "spec.yaml:16:", "retention_days", "30 → 7", "plan again"]);
    assert!(!said.contains("scan_on_push"), "it would not touch this:\n{said}");
}

#[test]
fn all_that_has_moved_is_told_at_once() {
    let place = Place::new(SPEC);
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let vars = ["--var", "days=60", "--var", "scan=false"];
    let plan = [&["plan", "spec.yaml", "--out", "plan.json"], &vars[..]].concat();
    place.run(&plan).expect_status(0);
    place.world.python(
        "import boto3\n\
         boto3.client('logs').put_retention_policy(logGroupName='/kept/app', retentionInDays=7)\n\
         boto3.client('ecr').delete_repository(repositoryName='kept-app')",
        &[],
    );
    has(&place.refused(), &["log_group.app", "30 → 7", "ecr_repository.app", "it is gone"]);
}

#[test]
fn what_it_would_not_touch_may_move() {
    let place = Place::with_a_change_planned();
    place.world.python(
        "import boto3\n\
         boto3.client('logs').tag_log_group(logGroupName='/kept/app', tags={'theirs': 'yes'})\n\
         boto3.client('ecr').put_image_scanning_configuration(\
         repositoryName='kept-app', imageScanningConfiguration={'scanOnPush': False})",
        &[],
    );
    place.run(&["apply", "plan.json"]).expect_status(0);
    assert_eq!(place.writes(), ["PutRetentionPolicy"]);
    let left = place.world.python(
        "import boto3\n\
         logs, ecr = boto3.client('logs'), boto3.client('ecr')\n\
         print(logs.describe_log_groups()['logGroups'][0]['retentionInDays'])\n\
         print(logs.list_tags_log_group(logGroupName='/kept/app')['tags']['theirs'])\n\
         print(ecr.describe_repositories()['repositories'][0]['imageScanningConfiguration'])",
        &[],
    );
    assert_eq!(left, "60\nyes\n{'scanOnPush': False}\n");
}

#[test]
fn a_field_beside_the_one_that_it_changes_may_move() {
    let place = Place::new(SPEC);
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let plan = ["plan", "spec.yaml", "--var", "tags=immutable", "--out", "plan.json"];
    place.run(&plan).expect_status(0);
    place.world.python(
        "import boto3\n\
         boto3.client('ecr').put_image_scanning_configuration(\
         repositoryName='kept-app', imageScanningConfiguration={'scanOnPush': False})",
        &[],
    );
    place.world.recorder.clear();
    place.run(&["apply", "plan.json"]).expect_status(0);
    assert_eq!(place.writes(), ["PutImageTagMutability"]);
}

#[test]
fn what_somebody_else_has_done_already_falls_away() {
    let place = Place::with_a_change_planned();
    place.world.python(
        "import boto3\n\
         boto3.client('logs').put_retention_policy(logGroupName='/kept/app', retentionInDays=60)",
        &[],
    );
    let output = place.run(&["apply", "plan.json"]).expect_status(0);
    has(&output.stdout, &["No changes.", "repository:"]);
    assert!(place.writes().is_empty(), "{}", place.world.recorder);
}

#[test]
fn a_thing_that_it_would_change_is_gone_or_another() {
    let place = Place::with_a_change_planned();
    place.world.python(
        "import boto3; boto3.client('logs').delete_log_group(logGroupName='/kept/app')",
        &[],
    );
    has(&place.refused(), &["log_group.app", "it is gone"]);

    let place = Place::new(SPEC);
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let spec = SPEC.replace("port: 80,", "port: 8080,");
    fs::write(place.file("spec.yaml"), spec).unwrap();
    place.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
    place.world.python(
        "import boto3\n\
         ec2 = boto3.client('ec2')\n\
         filters = [{'Name': 'tag:landfall:address', 'Values': ['security_group.web']}]\n\
         old = ec2.describe_security_groups(Filters=filters)['SecurityGroups'][0]\n\
         ec2.delete_security_group(GroupId=old['GroupId'])\n\
         ec2.create_security_group(GroupName=old['GroupName'], Description=old['Description'], \
         VpcId=old['VpcId'], TagSpecifications=[{'ResourceType': 'security-group', \
         'Tags': old['Tags']}])",
        &[],
    );
    has(&place.refused(), &["security_group.web", "another one now", "sg-"]);
}

#[test]
fn a_thing_that_it_would_create_exists() {
    let place = Place::new(SPEC);
    place.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
    place.world.python(
        "import boto3; boto3.client('logs').create_log_group(logGroupName='/kept/app')",
        &[],
    );
    has(&place.refused(), &["log_group.app", "exists already", "/kept/app"]);
}

#[test]
fn the_answer_of_a_lookup_has_moved() {
    let spec = SPEC.replace(
        "  security_group:\n",
        "  load_balancer:\n    main: { subnets: lookup.subnets.default }\n  security_group:\n",
    );
    let delete = "import boto3\n\
         ec2 = boto3.client('ec2')\n\
         subnet = ec2.describe_subnets()['Subnets'][-1]['SubnetId']\n\
         ec2.delete_subnet(SubnetId=subnet)\n\
         print(subnet)";
    let place = Place::new(&spec);
    place.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
    let subnet = place.world.python(delete, &[]);
    let said = place.refused();
    has(&said, &["load_balancer.main", "subnets", "lookup.subnets.default.ids", subnet.trim()]);
    assert!(!said.contains("security_group.web"), "its lookup has not moved:\n{said}");

    // Nothing that the plan writes comes from there.
    let place = Place::with_a_change_planned();
    place.world.python(delete, &[]);
    place.run(&["apply", "plan.json"]).expect_status(0);
    assert_eq!(place.writes(), ["PutRetentionPolicy"]);
}

#[test]
fn a_value_of_a_thing_that_stays_has_moved() {
    let place = Place::new(SPEC);
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let more = "      ingress: [{ port: 80, cidr: 0.0.0.0/0 }]\n    db:\n      \
                vpc: lookup.vpc.default\n      \
                ingress: [{ port: 5432, group: security_group.web }]\n";
    let spec = SPEC.replace("      ingress: [{ port: 80, cidr: 0.0.0.0/0 }]\n", more);
    fs::write(place.file("spec.yaml"), &spec).unwrap();
    place.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
    // Another run replaces what the plan would refer to.
    let other = spec.replace("    web:\n", "    web:\n      description: another\n");
    let other = other.split("    db:\n").next().unwrap().to_owned();
    fs::write(place.file("spec.yaml"), other).unwrap();
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    has(&place.refused(), &["security_group.db", "security_group.web.id", "sg-"]);
}

#[test]
fn a_run_that_was_cut_off_goes_on() {
    let spec = simulated::THIRTY;
    let whole = Place::new(spec);
    whole.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let writes = whole.writes().len();
    for (cut, when) in [(writes / 4, When::After), (writes / 2, When::Before)] {
        let place = Place::new(spec);
        place.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
        place.world.recorder.clear();
        let victim = Victim::new();
        let kind = Kind::Kill(victim.clone());
        place.world.recorder.fault(Fault { at: At::Write(cut), when, kind });
        let killed = place.landfall(&["apply", "plan.json"]).victim(&victim).run();
        assert_eq!(killed.status, -9, "{killed}");
        place.run(&["apply", "plan.json"]).expect_status(0);
        place.run(&["plan", "spec.yaml", "--exit-code"]).expect_status(0);
        place.run(&["destroy", "spec.yaml", "--yes"]).expect_status(0);
    }
}

#[test]
fn a_destroy_can_be_planned_saved_and_carried_out() {
    let place = Place::new(SPEC);
    let before = place.world.snapshot();
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    place.world.recorder.clear();
    let shown = place.run(&["plan", "spec.yaml", "--destroy", "--exit-code"]).expect_status(2);
    has(&shown.stdout, &["3 to delete"]);
    place.run(&["plan", "spec.yaml", "--destroy", "--out", "plan.json"]).expect_status(0);
    assert!(place.writes().is_empty(), "{}", place.world.recorder);
    // What came later was not shown, so it is not deleted.
    let more = SPEC.replace("  log_group:\n", "  log_group:\n    more: {}\n");
    fs::write(place.file("spec.yaml"), more).unwrap();
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let done = place.run(&["apply", "plan.json"]).expect_status(0);
    has(&done.stdout, &["3 resources are deleted"]);
    let left = "import boto3\n\
        print([group['logGroupName'] for group in \
        boto3.client('logs').describe_log_groups()['logGroups']])";
    assert_eq!(place.world.python(left, &[]), "['/ecs/kept-more']\n");
    place.run(&["destroy", "spec.yaml", "--yes"]).expect_status(0);
    assert_eq!(place.world.snapshot(), before);
}

#[test]
fn what_is_to_stay_by_now_is_not_deleted() {
    let place = Place::new(SPEC);
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let less = SPEC.replace(
        "  log_group:\n    app: { name: /kept/app, retention_days: \"${var.days}\" }\n",
        "",
    );
    fs::write(place.file("spec.yaml"), less).unwrap();
    place.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
    let kept =
        SPEC.replace("retention_days:", "lifecycle: { prevent_destroy: true }, retention_days:");
    fs::write(place.file("spec.yaml"), kept).unwrap();
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    has(&place.refused(), &["log_group.app", "landfall:lifecycle", "prevent_destroy"]);
}

#[test]
fn a_plan_that_has_nothing_to_do_can_be_kept_too() {
    let place = Place::new(SPEC);
    place.run(&["apply", "spec.yaml", "--yes"]).expect_status(0);
    let plan = ["plan", "spec.yaml", "--out", "plan.json", "--exit-code", "--json"];
    let planned = place.run(&plan).expect_status(0);
    let document: serde_json::Value = serde_json::from_str(&planned.stdout).unwrap();
    assert_eq!(document["empty"], true);
    place.world.recorder.clear();
    has(&place.run(&["apply", "plan.json"]).expect_status(0).stdout, &["No changes."]);
    assert!(place.writes().is_empty());
}

/// Applies a copy of a plan after something was done to its text.
fn altered(place: &Place, alter: impl Fn(String) -> String) -> Output {
    let text = fs::read_to_string(place.file("plan.json")).unwrap();
    fs::write(place.file("altered.json"), alter(text)).unwrap();
    place.world.recorder.clear();
    let output = place.run(&["apply", "altered.json", "--yes"]).expect_status(1);
    assert!(place.world.recorder.calls().is_empty(), "{}", place.world.recorder);
    output
}

#[test]
fn what_is_not_what_was_written_is_refused_before_a_call() {
    let place = Place::with_a_change_planned();
    let cases: [(&dyn Fn(String) -> String, &str); 6] = [
        (&|text| text.replacen("60", "90", 1), "changed after it was written"),
        (&|text| text[..text.len() / 2].to_owned(), "cut off"),
        (&|text| text.replace("saved-plan/1", "saved-plan/2"), "`landfall.saved-plan/2`"),
        (&|text| text + " ", "changed after it was written"),
        (&|_| String::new(), "the file is empty"),
        (&|_| "{\"format\": \"landfall.saved-plan/1\"}".to_owned(), "changed after"),
    ];
    for command in [&["plan"][..], &["destroy", "--yes"], &["validate"]] {
        let output = place.run(&[command, &["plan.json"]].concat()).expect_status(1);
        has(&output.stderr, &["is a saved plan", "`landfall apply plan.json`"]);
    }
    for (alter, said) in cases {
        has(&altered(&place, alter).stderr, &[said]);
    }
}

#[test]
fn a_plan_of_another_account_or_region_is_refused() {
    let place = Place::new(&SPEC.replace("region: us-east-1\n", ""));
    place.run(&["plan", "spec.yaml", "--out", "plan.json"]).expect_status(0);
    let check = |world: &World, region: &str, said: &str| {
        world.recorder.clear();
        let run = Landfall::new(world).args(["apply", "plan.json"]).env("AWS_REGION", region);
        let output = run.cwd(place.folder.path()).run().expect_status(1);
        has(&output.stderr, &["the plan is for account 111122223333 in us-east-1", said]);
        let calls = world.recorder.calls();
        assert!(calls.iter().all(|call| call.is("GetCallerIdentity")), "{}", world.recorder);
    };
    check(&place.world, "eu-west-1", "111122223333 in eu-west-1");
    let other = World::ministack();
    check(&other, "us-east-1", other.account());
    assert!(Path::new(&place.file("plan.json")).exists());
}
