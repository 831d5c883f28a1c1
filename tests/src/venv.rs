//! A Python environment with the pinned emulators and the AWS CLI, installed once per target
//! directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::target;

const PINS: [&str; 3] = ["moto[server]==5.2.5", "ministack==1.5.33", "awscli==1.46.3"];

/// The path of a program in the environment, such as `python3`; installs it all when needed.
pub fn program(name: &str) -> PathBuf {
    static VENV: OnceLock<PathBuf> = OnceLock::new();
    VENV.get_or_init(install).join("bin").join(name)
}

fn install() -> PathBuf {
    let venv = target::worlds_dir("").join("venv");
    target::exclusively("venv", || {
        if !is_complete(&venv) {
            let venv_arg = venv.to_str().expect("the target directory's path is UTF-8");
            run(Path::new("python3"), &["-m", "venv", "--clear", venv_arg]);
            let mut pip = vec!["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            pip.extend(PINS);
            run(&venv.join("bin/python3"), &pip);
            // Written last: its presence says that all before it was done.
            std::fs::write(stamp(&venv), PINS.join("\n")).expect("the new environment is writable");
        }
    });
    venv
}

fn stamp(venv: &Path) -> PathBuf {
    venv.join("landfall-pins")
}

/// Also false when the interpreter that the environment links to has gone.
fn is_complete(venv: &Path) -> bool {
    let pins = std::fs::read_to_string(stamp(venv)).unwrap_or_default();
    pins == PINS.join("\n") && venv.join("bin/python3").exists()
}

fn run(program: &Path, args: &[&str]) {
    let shown = format!("{} {}", program.display(), args.join(" "));
    let output = Command::new(program).args(args).output().unwrap_or_else(|error| {
        panic!(
            "cannot run `{shown}`: {error}. The tests against emulators need python3 (3.10 or \
             newer, with venv) on the PATH, and PyPI once."
        )
    });
    assert!(
        output.status.success(),
        "`{shown}` failed ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_has_the_pinned_emulators() {
        let script =
            "from importlib.metadata import version as v; print(v('moto'), v('ministack'))";
        let output = Command::new(program("python3")).args(["-c", script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "5.2.5 1.5.33\n");
    }

    #[test]
    fn a_half_made_environment_is_not_complete() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_complete(dir.path()));
        std::fs::write(stamp(dir.path()), PINS.join("\n")).unwrap();
        assert!(!is_complete(dir.path()), "no interpreter");
        std::fs::create_dir(dir.path().join("bin")).unwrap();
        std::fs::write(dir.path().join("bin/python3"), "").unwrap();
        assert!(is_complete(dir.path()));
        std::fs::write(stamp(dir.path()), "moto==1").unwrap();
        assert!(!is_complete(dir.path()), "other pins");
    }
}
