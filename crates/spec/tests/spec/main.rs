//! Specs in, stacks or findings out, with a small catalogue.
#![allow(clippy::unwrap_used)]

mod bad_files;
mod bad_resources;
mod bad_yaml;
mod good;
mod secrets;
mod toy;

use std::collections::HashMap;
use std::path::Path;

use landfall_spec::{Documents, Given, Loaded, NoDocuments, Problems};

/// A text as a spec, without anything from outside.
fn read(text: &str) -> Result<Loaded, Problems> {
    landfall_spec::parse("spec.yaml", text, &Given::default(), &toy::catalogue(), &NoDocuments)
}

/// What is wrong with a text.
fn wrong(text: &str) -> String {
    match read(text) {
        Ok(loaded) => format!("nothing is wrong with it: {:#?}", loaded.stack),
        Err(problems) => problems.render(false, 100),
    }
}

/// The same for the body of the section `resources`.
fn wrong_resources(body: &str) -> String {
    wrong(&format!("stack: shop\nresources:\n{body}"))
}

struct Files(HashMap<&'static str, &'static str>);

impl Documents for Files {
    fn read(&self, path: &Path) -> Result<String, String> {
        let text = self.0.get(path.to_str().unwrap_or(""));
        text.map(|text| (*text).to_owned()).ok_or_else(|| "does not exist".to_owned())
    }
}
