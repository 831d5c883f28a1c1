//! `--sandbox`: a whole life without an endpoint, a process per command.

use std::fs;
use std::path::Path;

use landfall_tests::binary::{Landfall, Output};
use landfall_tests::target::workspace_dir;
use tempfile::TempDir;

const STATE: &str = ".landfall/sandbox.json";

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Landfall::alone().args(arguments).cwd(directory).run()
}

fn directory_with(spec: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let from = workspace_dir().join("specs").join(spec);
    fs::copy(from, directory.path().join("spec.yaml")).unwrap();
    directory
}

fn state(directory: &Path) -> String {
    fs::read_to_string(directory.join(STATE)).unwrap()
}

#[test]
fn a_stack_leaves_the_state_as_it_was() {
    for spec in ["tutorial.yaml", "own-vpc.yaml", "nextjs-registry.yaml"] {
        let directory = directory_with(spec);
        let at = directory.path();
        run(at, &["sandbox", "reset"]).expect_status(0);
        let before = state(at);
        let apply = run(at, &["apply", "spec.yaml", "--sandbox", "--yes"]).expect_status(0);
        assert!(apply.stdout.contains("This was the sandbox"), "{apply}");
        assert!(state(at) != before, "{spec} is nowhere");
        let shown = run(at, &["sandbox", "show"]).expect_status(0);
        assert!(shown.stdout.contains("ecr_repository."), "{shown}");
        run(at, &["plan", "spec.yaml", "--sandbox", "--exit-code"]).expect_status(0);
        run(at, &["destroy", "spec.yaml", "--sandbox", "--yes"]).expect_status(0);
        let (after, shown) = (state(at), run(at, &["sandbox", "show"]).expect_status(0));
        assert!(after == before, "{spec} left something: {shown}");
    }
}

#[test]
fn waiting_takes_no_time() {
    let directory = directory_with("tutorial.yaml");
    let apply = run(directory.path(), &["apply", "spec.yaml", "--sandbox", "--yes"]);
    let apply = apply.expect_status(0);
    // The load balancer alone takes two minutes at least.
    let receipt = apply.stdout.lines().find(|line| line.contains("API calls")).unwrap_or_default();
    assert!(receipt.contains(" min "), "{apply}");
    assert!(apply.seconds < 30.0, "{apply}");
}

#[test]
fn a_world_that_cannot_be_used_is_told_and_left_alone() {
    let directory = directory_with("tutorial.yaml");
    let at = directory.path();
    fs::create_dir(at.join(".landfall")).unwrap();
    for (text, said) in [
        ("{\"landfall_sandbox\": 1, \"world\": {\"now\"", "is damaged"),
        ("{\"landfall_sandbox\": 2, \"cosmos\": []}", "a newer landfall"),
    ] {
        fs::write(at.join(STATE), text).unwrap();
        let plan = run(at, &["plan", "spec.yaml", "--sandbox"]).expect_status(1);
        assert!(plan.stderr.contains(said), "{plan}");
        assert!(plan.stderr.contains("landfall sandbox reset"), "{plan}");
        assert_eq!(state(at), text);
    }
    run(at, &["sandbox", "reset"]).expect_status(0);
    run(at, &["plan", "spec.yaml", "--sandbox"]).expect_status(0);
}

#[test]
fn one_process_at_a_time() {
    let directory = directory_with("tutorial.yaml");
    let at = directory.path();
    let serve = ["sandbox", "serve", "--listen", "127.0.0.1:0"];
    let server = Landfall::alone().args(serve).cwd(at).spawn();
    let locked = || at.join(".landfall/sandbox.lock").exists();
    while !locked() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let said = loop {
        let plan = run(at, &["plan", "spec.yaml", "--sandbox"]);
        if plan.status == 1 {
            break plan;
        }
    };
    assert!(said.stderr.contains("is in use by process"), "{said}");
    server.signal("TERM");
    server.wait().expect_status(0);
    run(at, &["plan", "spec.yaml", "--sandbox"]).expect_status(0);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let serve = run(directory.path(), &["sandbox", "serve", "--in-memory", "--listen", &address]);
    let serve = serve.expect_status(1);
    assert!(serve.stderr.contains(&address) && serve.stderr.contains("--listen"), "{serve}");
}
