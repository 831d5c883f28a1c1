use super::*;

/// A little of every kind.
const STACK: &str = include_str!("stack.py");

#[test]
fn a_snapshot_shows_what_exists_and_only_that() {
    for world in [World::sandbox(), World::moto(), World::ministack()] {
        let flavour = world.flavour();
        let before = world.snapshot();
        let began = std::time::Instant::now();
        world.python(STACK, &[]);
        let made = began.elapsed();
        let after = world.snapshot();
        eprintln!("{flavour:?}: stack {made:?}, snapshot {:?}", began.elapsed() - made);
        for (kind, items) in after.as_object().unwrap() {
            assert!(items.get("!error").is_none(), "{flavour:?} {kind}: {items}");
            assert_ne!(&before[kind], items, "{flavour:?} {kind} did not change");
            for (id, item) in items.as_object().unwrap() {
                assert!(!item.to_string().contains("!error"), "{flavour:?} {kind} {id}: {item}");
            }
        }
        let policies = &after["roles"]["probe"];
        let attached = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
        assert_eq!(policies["AttachedPolicies"][0], attached, "{policies}");
        assert_eq!(policies["InlinePolicies"]["own"]["Version"], "2012-10-17");
        for kind in ["roles", "log_groups", "repositories", "clusters"] {
            let item = &after[kind]["probe"];
            let tags = item.get("tags").or(item.get("Tags")).unwrap();
            assert_eq!(tags["made"], "yes", "{flavour:?} {kind} {item}");
        }
        assert_eq!(after, world.snapshot(), "{flavour:?}: a snapshot is stable");
        assert!(world.recorder.calls().is_empty(), "{}", world.recorder);
        let Upstream::Emulator(emulator) = &world.upstream else { continue };
        emulator.reset();
        assert_eq!(world.snapshot()["clusters"], serde_json::json!({}));
    }
}

#[test]
fn worlds_that_share_an_emulator_do_not_share_an_account() {
    const IDENTITY: &str =
        "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])
boto3.client('ecs').create_cluster(clusterName='mine')";
    for pair in [
        [World::shared_moto(), World::shared_moto()],
        [World::shared_ministack(), World::shared_ministack()],
    ] {
        let [one, other] = pair;
        assert_eq!(one.upstream.endpoint(), other.upstream.endpoint());
        assert_eq!(one.recorded_python(IDENTITY, &[]).trim(), one.account());
        assert_eq!(one.recorder.count("ecs:CreateCluster"), 1);
        assert!(one.snapshot()["clusters"]["mine"].is_object());
        assert_eq!(other.snapshot()["clusters"], serde_json::json!({}));
    }
}

#[test]
fn a_client_is_cut_off_from_the_shell_s_settings() {
    let world = World::shared_ministack();
    let seen = world.command("env").output().unwrap();
    let seen = String::from_utf8(seen.stdout).unwrap();
    let mut names: Vec<&str> = seen
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("AWS_"))
        .collect();
    names.sort_unstable();
    let mut ours: Vec<String> = world.env().into_iter().map(|(name, _)| name).collect();
    ours.sort_unstable();
    assert_eq!(names, ours);
    assert!(seen.contains(&format!("AWS_ENDPOINT_URL={}\n", world.recorder.endpoint())));
}
