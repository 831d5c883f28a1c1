use std::path::Path;

use landfall_spec::Input;

use crate::toy;

/// What loading a file says, with the folder left out.
fn load(folder: &Path, name: &str, input: &Input) -> String {
    match landfall_spec::load(&folder.join(name), input, &toy::catalogue()) {
        Ok(loaded) => format!("loaded {}", loaded.stack.name),
        Err(problems) => problems.render(false, 100).replace(&format!("{}/", folder.display()), ""),
    }
}

fn one_file(content: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spec.yaml"), content).unwrap();
    load(folder.path(), "spec.yaml", &Input::default())
}

#[test]
fn a_good_file() {
    assert_eq!(one_file(b"\xef\xbb\xbfstack: shop\r\nregion: us-east-1\r\n"), "loaded shop");
}

#[test]
fn a_missing_file() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(load(folder.path(), "none.yaml", &Input::default()));
}

#[test]
fn a_directory() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("specs")).unwrap();
    insta::assert_snapshot!(load(folder.path(), "specs", &Input::default()));
}

#[test]
fn fifty_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("spec.yaml")).unwrap();
    file.set_len(50 << 20).unwrap();
    insta::assert_snapshot!(load(folder.path(), "spec.yaml", &Input::default()));
}

#[test]
fn without_end() {
    let said = load(Path::new("/dev"), "zero", &Input::default());
    insta::assert_snapshot!(said);
}

#[test]
fn invalid_utf8() {
    insta::assert_snapshot!(one_file(b"stack: shop\ntags: { a: \xe9t\xe9 }\n"));
}

#[test]
fn utf16() {
    insta::assert_snapshot!(one_file(b"\xff\xfes\0t\0a\0c\0k\0:\0"));
}

#[test]
fn a_missing_file_of_variables() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spec.yaml"), "stack: s").unwrap();
    let input = Input { var_files: vec![folder.path().join("vars.yaml")], ..Input::default() };
    insta::assert_snapshot!(load(folder.path(), "spec.yaml", &input));
}

#[test]
fn documents_lie_beside_the_spec() {
    let folder = tempfile::tempdir().unwrap();
    let spec = "{stack: s, resources: {iam_role: {a: {trust: {file: trust.json}}}}}";
    std::fs::write(folder.path().join("spec.yaml"), spec).unwrap();
    insta::assert_snapshot!(load(folder.path(), "spec.yaml", &Input::default()));
    std::fs::write(folder.path().join("trust.json"), "{\"Statement\": []}").unwrap();
    assert_eq!(load(folder.path(), "spec.yaml", &Input::default()), "loaded s");
}
