//! A canary in every place where a secret can stand, searched for in everything that landfall says,
//! writes down, or sends where it does not belong.

use std::fs;
use std::path::PathBuf;

use landfall_tests::binary::{Landfall, Output};
use landfall_tests::recorder::{At, Fault, Kind, When};
use landfall_tests::world::World;
use tempfile::TempDir;

/// What must not be seen. Letters, digits and hyphens, which no encoding changes.
const BY_ENVIRONMENT: &str = "canary-by-environment-4f1c";
const BY_FILE: &str = "canary-by-file-9b27";
const BY_FLAG: &str = "canary-by-flag-03ad";
const ROTATED: &str = "rotated-canary-77e0";
const KEY: &str = "canary-of-an-access-key";
const SESSION: &str = "canary-of-a-session";
const PASSWORD: &str = "canary-of-an-endpoint";

/// Calls that bring a secret where the spec says. No other may hold one: no tags, no names, no
/// `logs:PutLogEvents`.
const CARRIERS: [&str; 3] = ["RegisterTaskDefinition", "CreatePolicy", "CreatePolicyVersion"];

const SPEC: &str = r#"stack: hush
region: us-east-1
variables:
  by_environment: { secret: true, description: The password of the database }
  by_file: { secret: true }
  by_flag: { secret: true }
  image: nginx:1
tags: { team: hush }
resources:
  log_group:
    app: {}
  iam_role:
    execution: { trusted_services: [ecs-tasks.amazonaws.com] }
  iam_policy:
    app:
      policy:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: "*"
            Condition: { StringEquals: { "s3:ExistingObjectTag/key": "${var.by_file}" } }
  task_definition:
    app:
      cpu: 256
      memory: 512
      requires_compatibilities: [fargate]
      network_mode: awsvpc
      execution_role: iam_role.execution
      containers:
        app:
          image: "${var.image}"
          environment:
            DATABASE_URL: "postgres://app:${var.by_environment}@db.example.com/app"
            API_TOKEN: "${var.by_file}"
            GROUP: "${log_group.app.name} ${var.by_flag}"
            PLAIN: plain-and-visible
          secrets:
            STRIPE: arn:aws:secretsmanager:us-east-1:111122223333:secret:visible-a1b2c3
          repository_credentials: arn:aws:secretsmanager:us-east-1:111122223333:secret:registry-a1b2c3
          entry_point: [run, "${var.by_environment}"]
          command: [serve, "--key=${var.by_flag}", --verbose]
          health_check: { command: [CMD-SHELL, "curl -H 'X-Key: ${var.by_flag}' localhost"] }
          docker_labels: { note: "${var.by_environment}" }
          logging:
            driver: splunk
            options: { splunk-url: "https://splunk.example.com", splunk-token: "${var.by_file}" }
outputs:
  definition: "${task_definition.app.arn}"
"#;

struct Hush {
    world: World,
    folder: TempDir,
}

impl Hush {
    fn new() -> Hush {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("spec.yaml"), SPEC).unwrap();
        fs::write(folder.path().join("vars.yaml"), format!("by_file: {BY_FILE}\n")).unwrap();
        Hush { world: World::sandbox(), folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// As talkative as can be, with the flag's and the file's secrets given.
    fn landfall(&self, arguments: &[&str]) -> Landfall {
        let flag = format!("by_flag={BY_FLAG}");
        Landfall::new(&self.world)
            .args(arguments.iter().copied())
            .args(["--var-file", "vars.yaml", "--var", &flag])
            .cwd(self.folder.path())
            .env("LANDFALL_VAR_by_environment", BY_ENVIRONMENT)
            .env("AWS_SECRET_ACCESS_KEY", KEY)
            .env("AWS_SESSION_TOKEN", SESSION)
            .env("RUST_LOG", "trace")
            .env("LANDFALL_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
    }

    fn run(&self, arguments: &[&str], status: i32) -> Output {
        let output = self.landfall(arguments).run().expect_status(status);
        quiet(&output);
        output
    }

    fn quiet_file(&self, name: &str) -> String {
        let text = fs::read_to_string(self.file(name)).unwrap();
        no_canary(name, &text);
        text
    }
}

fn no_canary(place: &str, text: &str) {
    // Folded lines must not hide one.
    let joined: String = text.split_whitespace().collect();
    for part in ["canary", "4f1c", "9b27", "03ad", "77e0"] {
        let found = text.contains(part) || joined.contains(part) && part == "canary";
        assert!(!found, "`{part}` is in {place}:\n{text}");
    }
}

fn quiet(output: &Output) {
    no_canary("stdout", &output.stdout);
    no_canary("stderr", &output.stderr);
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn nothing_that_is_said_or_kept_holds_a_secret() {
    let hush = Hush::new();
    hush.run(&["validate", "spec.yaml"], 0);
    hush.run(&["graph", "spec.yaml"], 0);
    hush.run(&["graph", "spec.yaml", "--format", "mermaid"], 0);

    let plan = hush.run(&["plan", "spec.yaml"], 0).stdout;
    has(&plan, &["(secret)", "plain-and-visible", "secret:visible-a1b2c3"]);
    has(&plan, &["postgres://app:(secret)@db.example.com/app"]);
    hush.run(&["plan", "spec.yaml", "--json", "--out", "plan.json"], 0);
    has(&hush.quiet_file("plan.json"), &["(secret)", "plain-and-visible"]);

    // AWS refuses, and says what it was given.
    let echo = format!("Invalid value: {BY_FLAG}, in {{\"a\":\"x{BY_ENVIRONMENT}\"}} {BY_FILE}");
    hush.world.recorder.fault(Fault {
        at: At::Operation("RegisterTaskDefinition".to_owned(), 1),
        when: When::Before,
        kind: Kind::Status(400, "ClientException".to_owned(), echo),
    });
    let refused = hush.run(&["apply", "plan.json"], 1);
    has(&refused.stdout, &["ClientException", "Invalid value: (secret)"]);
    has(&refused.stderr, &["Invalid value: (secret)"]);

    hush.run(&["apply", "plan.json"], 0);
    let held = hush.world.python(
        "import boto3, json\n\
         found = boto3.client('ecs').describe_task_definition(taskDefinition='hush-app')\n\
         print(json.dumps(found['taskDefinition']['containerDefinitions']))",
        &[],
    );
    has(&held, &[BY_ENVIRONMENT, BY_FILE, BY_FLAG]);

    has(&hush.run(&["plan", "spec.yaml", "--exit-code"], 0).stdout, &["No changes."]);
    hush.run(&["plan", "spec.yaml", "--json"], 0);
    hush.run(&["apply", "spec.yaml", "--yes"], 0);
    hush.run(&["output", "spec.yaml"], 0);
    hush.run(&["output", "spec.yaml", "--json"], 0);
    hush.run(&["output", "spec.yaml", "--name", "definition"], 0);
    hush.run(&["plan", "spec.yaml", "--destroy"], 0);
    hush.run(&["plan", "spec.yaml", "--destroy", "--out", "destroy.json"], 0);
    hush.quiet_file("destroy.json");
    hush.run(&["destroy", "spec.yaml", "--yes"], 0);

    for call in hush.world.recorder.calls() {
        if !CARRIERS.contains(&call.operation.as_str()) {
            no_canary(&call.operation, &call.body);
        }
    }
    let carried = |operation: &str| {
        let calls = hush.world.recorder.calls();
        calls.iter().any(|call| call.is(operation) && call.body.contains("canary"))
    };
    assert!(carried("RegisterTaskDefinition") && carried("CreatePolicy"), "the canaries flew");
}

#[test]
fn a_secret_that_changes_is_shown_as_one_that_changes() {
    let hush = Hush::new();
    hush.run(&["apply", "spec.yaml", "--yes"], 0);
    let rotated = |arguments: &[&str], status| {
        let landfall = hush.landfall(arguments).env("LANDFALL_VAR_by_environment", ROTATED);
        let output = landfall.run().expect_status(status);
        quiet(&output);
        output
    };
    let plan = rotated(&["plan", "spec.yaml", "--exit-code"], 2).stdout;
    has(&plan, &["environment.DATABASE_URL", "another secret", "postgres://app:(secret)@db"]);
    rotated(&["plan", "spec.yaml", "--json", "--out", "plan.json"], 0);
    has(&hush.quiet_file("plan.json"), &["(another secret)"]);

    // The plan does not hold the secrets: they are asked for, and have to be the same.
    hush.world.recorder.clear();
    let other = hush.run(&["apply", "plan.json"], 1).stderr;
    has(&other, &["the plan was made with another value of `by_environment`"]);
    let none =
        Landfall::new(&hush.world).args(["apply", "plan.json"]).cwd(hush.folder.path()).run();
    let none = none.expect_status(1).stderr;
    has(&none, &["`by_environment` has no value", "LANDFALL_VAR_by_file", "`by_flag`"]);
    assert!(hush.world.recorder.calls().is_empty(), "{}", hush.world.recorder);

    let done = rotated(&["apply", "plan.json"], 0);
    has(&done.stdout, &["1 changed"]);
    has(&rotated(&["plan", "spec.yaml", "--exit-code"], 0).stdout, &["No changes."]);
    rotated(&["apply", "plan.json"], 0);

    // What the spec no longer has goes unseen, too.
    let less = SPEC.replace("          docker_labels: { note: \"${var.by_environment}\" }\n", "");
    fs::write(hush.file("spec.yaml"), less.replace("--verbose", "--quiet")).unwrap();
    let less = rotated(&["plan", "spec.yaml", "--exit-code", "--out", "less.json"], 2);
    has(&less.stdout, &["docker_labels", "{note: (secret)}", "--verbose", "--quiet"]);
    hush.quiet_file("less.json");
}

#[test]
fn findings_do_not_quote_secrets() {
    let hush = Hush::new();
    for (from, to) in [
        ("cpu: 256", "cpu: \"${var.by_flag}\""),
        ("network_mode: awsvpc", "network_mode: \"${var.by_file}\""),
        ("execution_role: iam_role.execution", "execution_role: \"${var.by_file}\""),
        ("app: {}", "app: { name: \"x${var.by_environment}\" }"),
        ("tags: { team: hush }", "tags: { team: \"${var.by_environment}\" }"),
        ("stack: hush", "stack: \"${var.by_environment}\""),
    ] {
        assert!(SPEC.contains(from), "{from}");
        fs::write(hush.file("spec.yaml"), SPEC.replacen(from, to, 1)).unwrap();
        for command in [&["validate"][..], &["plan"], &["apply", "--yes"], &["destroy", "--yes"]] {
            hush.run(&[command, &["spec.yaml"]].concat(), 1);
        }
    }
    fs::write(hush.file("spec.yaml"), SPEC).unwrap();
    fs::write(hush.file("vars.yaml"), format!("{{ by_file: {BY_FILE}, by_fiel: x }}\n")).unwrap();
    hush.run(&["validate", "spec.yaml"], 1);
    assert!(hush.world.recorder.calls().is_empty(), "{}", hush.world.recorder);
}

#[test]
fn a_literal_secret_does_not_get_into_a_saved_plan() {
    let hush = Hush::new();
    let literal = format!("PLAIN: \"redis://me:{BY_FILE}@cache\"");
    fs::write(hush.file("spec.yaml"), SPEC.replace("PLAIN: plain-and-visible", &literal)).unwrap();
    fs::write(hush.file("vars.yaml"), "by_file: something-else\n").unwrap();
    hush.run(&["plan", "spec.yaml"], 0);
    let refused =
        hush.landfall(&["plan", "spec.yaml", "--out", "plan.json"]).run().expect_status(1);
    has(&refused.stderr, &["environment.PLAIN", "`secret: true`"]);
    assert!(!hush.file("plan.json").exists());
}

#[test]
fn an_endpoint_is_shown_without_its_password() {
    let hush = Hush::new();
    let endpoint = hush.world.recorder.endpoint();
    let endpoint = endpoint.replace("http://", &format!("http://me:{PASSWORD}@"));
    // There is no such port.
    let wrong = format!("http://me:{PASSWORD}@127.0.0.1:99999");
    for (url, proxy) in [(endpoint.as_str(), ""), (&wrong, ""), (&endpoint, wrong.as_str())] {
        let landfall = hush.landfall(&["plan", "spec.yaml"]).env("AWS_ENDPOINT_URL", url);
        quiet(&landfall.env("HTTPS_PROXY", proxy).env("HTTP_PROXY", proxy).run());
    }
}

#[test]
fn the_sandbox_shows_no_secrets_and_keeps_them_to_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let hush = Hush::new();
    hush.run(&["apply", "spec.yaml", "--sandbox", "--yes"], 0);
    let show = |arguments: &[&str]| {
        let landfall = Landfall::alone().args(arguments.iter().copied()).cwd(hush.folder.path());
        let output = landfall.run().expect_status(0);
        quiet(&output);
        output.stdout
    };
    has(&show(&["sandbox", "show"]), &["task-definition/hush-app"]);
    show(&["sandbox", "show", "--json"]);
    // It is AWS: what the account holds stands in it.
    let state = hush.file(".landfall/sandbox.json");
    has(&fs::read_to_string(&state).unwrap(), &[BY_ENVIRONMENT]);
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
    let lines = hush.run(&["destroy", "spec.yaml", "--sandbox", "--yes"], 0);
    has(&lines.stdout, &["nothing is left"]);
}
