//! Where cargo put the running test, hence where built binaries and test files go.

use std::fs::File;
use std::path::{Path, PathBuf};

/// The directory of the running test's profile, `<target>/debug` or the like.
pub fn profile_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("the running test has a path");
    let dir = exe.parent().expect("a program lies in a directory");
    // A test is <target>/<profile>/deps/<test>, a program <target>/<profile>/<program>.
    let dir = if dir.ends_with("deps") { dir.parent().unwrap_or(dir) } else { dir };
    dir.to_path_buf()
}

/// Cargo's target directory.
pub fn target_dir() -> PathBuf {
    profile_dir().parent().expect("a profile directory lies in a target directory").to_path_buf()
}

/// The root of the workspace.
pub fn workspace_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workspace")
}

/// A directory for the harness's own files: `<target>/worlds/<name>`, made when absent.
pub fn worlds_dir(name: &str) -> PathBuf {
    let dir = target_dir().join("worlds").join(name);
    std::fs::create_dir_all(&dir)
        .unwrap_or_else(|error| panic!("cannot make {}: {error}", dir.display()));
    dir
}

/// Does `work` while no other process does any under the same `name`.
pub fn exclusively<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let path = worlds_dir("locks").join(name);
    let file = File::create(&path)
        .unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
    file.lock().unwrap_or_else(|error| panic!("cannot lock {}: {error}", path.display()));
    work() // the lock goes with the file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_test_lies_below_the_target_directory() {
        let exe = std::env::current_exe().unwrap();
        assert!(exe.starts_with(profile_dir()));
        assert!(target_dir().join("CACHEDIR.TAG").exists(), "{}", target_dir().display());
        assert!(workspace_dir().join("Cargo.toml").exists());
    }
}
