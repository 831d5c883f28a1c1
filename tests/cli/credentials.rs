//! Who the credentials belong to, and what is said when there are none.

use std::fs;

use landfall_tests::binary::Landfall;
use landfall_tests::world::World;

const SPEC: &str = "stack: shop\nregion: us-east-1\nresources:\n  log_group:\n    app: {}\n";

#[test]
fn without_credentials_the_error_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("spec.yaml"), SPEC).unwrap();
    let world = World::shared_ministack();
    let output = Landfall::new(&world)
        .args(["plan", "spec.yaml"])
        .cwd(folder.path())
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env_remove("AWS_SESSION_TOKEN")
        .run()
        .expect_status(1);
    assert!(output.stderr.contains("no AWS credentials were found"), "{output}");
    assert!(output.stderr.contains("aws sso login"), "{output}");
    assert!(world.recorder.calls().is_empty(), "{}", world.recorder);
}

#[test]
fn another_account_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("spec.yaml"), format!("account: 999999999999\n{SPEC}")).unwrap();
    let world = World::shared_ministack();
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"]] {
        world.recorder.clear();
        let arguments = command.iter().copied().chain(["spec.yaml"]);
        let output = Landfall::new(&world).args(arguments).cwd(folder.path()).run();
        let output = output.expect_status(1);
        assert!(output.stderr.contains("the spec is for account 999999999999"), "{output}");
        let calls: Vec<String> =
            world.recorder.calls().iter().map(|call| call.operation.clone()).collect();
        assert_eq!(calls, ["GetCallerIdentity"]);
    }
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("spec.yaml"), SPEC).unwrap();
    let world = World::shared_ministack();
    for command in ["apply", "destroy"] {
        let output = Landfall::new(&world)
            .args([command, "spec.yaml"])
            .cwd(folder.path())
            .stdin("yes\n")
            .run();
        let output = output.expect_status(1);
        assert!(output.stderr.contains(&format!("landfall {command} --yes")), "{output}");
        assert!(world.recorder.calls().is_empty(), "{}", world.recorder);
    }
}
