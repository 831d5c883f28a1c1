use insta::assert_snapshot;

use crate::wrong;

#[test]
fn an_empty_file() {
    assert_snapshot!(wrong(""));
}

#[test]
fn only_a_comment() {
    assert_snapshot!(wrong("# stack: shop\n"));
}

#[test]
fn not_a_map() {
    assert_snapshot!(wrong("- stack\n- shop\n"));
}

#[test]
fn not_yaml() {
    assert_snapshot!(wrong("stack: shop\nresources:\n  vpc:\n    main: { cidr: [10.0.0.0/16 }\n"));
}

#[test]
fn an_unquoted_text_in_braces() {
    assert_snapshot!(wrong("stack: shop\ntags: { Name: ${stack} }\n"));
}

#[test]
fn an_unquoted_star() {
    assert_snapshot!(wrong("stack: shop\ntags:\n  Action: *\n"));
}

#[test]
fn tabs() {
    assert_snapshot!(wrong("stack: shop\nresources:\n\tvpc:\n\t\tmain: {}\n"));
}

#[test]
fn duplicate_keys() {
    assert_snapshot!(wrong(
        "stack: shop\nresources:\n  ecs_cluster:\n    main: {}\n    other: {}\n    main: { name: x }\nstack: other\n"
    ));
}

#[test]
fn two_documents() {
    assert_snapshot!(wrong("stack: shop\n---\nstack: other\n"));
}

#[test]
fn a_tag_of_another_tool() {
    assert_snapshot!(wrong("stack: shop\noutputs:\n  a: !Ref Bucket\n"));
}

#[test]
fn a_control_character() {
    assert_snapshot!(wrong("stack: shop\noutputs:\n  a: \"x\\u0001vpc.main.id\\u0002\"\n"));
}

#[test]
fn an_unknown_alias() {
    assert_snapshot!(wrong("stack: shop\noutputs:\n  a: *nothing\n"));
}

#[test]
fn an_alias_inside_itself() {
    assert_snapshot!(wrong("stack: shop\noutputs:\n  a: &a [*a]\n"));
}

#[test]
fn an_alias_bomb() {
    let mut text = "stack: shop\noutputs:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let each = format!("*a{}", level - 1);
        let all = vec![each; 10].join(", ");
        text.push_str(&format!("  a{level}: &a{level} [{all}]\n"));
    }
    assert_snapshot!(wrong(&text));
}

#[test]
fn a_bomb_of_merge_keys() {
    let mut text = "stack: shop\noutputs:\n  a0: &a0 { k: x }\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        text.push_str(&format!(
            "  a{level}: &a{level} {{ b: *a{below}, <<: *a{below}, c: *a{below} }}\n"
        ));
    }
    assert_snapshot!(wrong(&text));
}

#[test]
fn a_bomb_of_long_texts() {
    let long = "x".repeat(100_000);
    let text = format!("stack: shop\noutputs:\n  a: &a {long}\n  b: [{}]\n", "*a, ".repeat(2000));
    let all = wrong(&text);
    assert!(all.contains("aliases blow this file up"), "{}", &all[..500]);
}

#[test]
fn a_bomb_of_variables() {
    let mut text = "stack: shop\nvariables:\n  v0: xxxxxxxxxxxxxxxx\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        text.push_str(&format!("  v{level}: \"${{var.v{below}}}${{var.v{below}}}\"\n"));
    }
    assert_snapshot!(wrong(&text));
}

#[test]
fn deep_nesting() {
    let text = format!("stack: shop\noutputs:\n  a: {}x{}\n", "[".repeat(500), "]".repeat(500));
    assert_snapshot!(wrong(&text));
}

#[test]
fn unknown_sections() {
    assert_snapshot!(wrong("stack: shop\nresorces:\n  vpc: {}\nversion: 3\n"));
}

#[test]
fn a_bad_head() {
    assert_snapshot!(wrong(
        "stack: 9 lives\nregion: Virginia\naccount: 12345\ntags: { aws:x: y, A: \"${region}\", B: \"${account}\", C: \"${vpc.main.id}\" }\n"
    ));
}

#[test]
fn no_stack() {
    assert_snapshot!(wrong("region: us-east-1\n"));
}

#[test]
fn bad_variables() {
    assert_snapshot!(wrong(
        "stack: \"${var.nme}\"
variables:
  name: shop
  required:
  also_required: { description: Must be given }
  list: [a]
  typo: { defualt: x }
  number: { type: integer, default: many }
  kind: { type: int, default: 1 }
  resource: \"${vpc.main.id}\"
  region: \"${region}\"
  9x: y
outputs:
  a: \"${required}\"
  b: \"${var.required}\"
  c: \"${name}\"
  d: \"${open\"
"
    ));
}

#[test]
fn bad_values_from_outside() {
    use landfall_spec::{Given, NoDocuments};
    let given = Given {
        vars: [("imge".to_owned(), "x".to_owned()), ("count".to_owned(), "abc".to_owned())]
            .into_iter()
            .collect(),
        var_files: vec![
            ("a.yaml".to_owned(), "image: x\nother: y\nimage: z\n".to_owned()),
            ("b.yaml".to_owned(), "- image\n".to_owned()),
        ],
        env: Vec::new(),
    };
    let spec = "stack: s\nvariables:\n  image: x\n  count: { type: integer }\n";
    let catalogue = crate::toy::catalogue();
    let problems =
        landfall_spec::parse("spec.yaml", spec, &given, &catalogue, &NoDocuments).unwrap_err();
    assert_snapshot!(problems.render(false, 100));
}

#[test]
fn nothing_in_a_finding_steers_the_terminal() {
    let text = "stack: shop\n\u{85}tags: { a: b }\noutputs: { o: \"${\\e[31m.x.\\u202e}\" }\n";
    let shown = wrong(text);
    let hostile = |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
    assert!(!shown.contains(hostile), "{shown:?}");
    assert!(shown.contains("2 | ·tags: { a: b }"), "{shown}");
}
