//! Who runs this, and whether another process of this machine still does.

use std::fs;
use std::io::ErrorKind;
use std::process::Command;

use landfall_model::journal::{Process, digest};

/// Who: `ana@laptop`.
pub fn who() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = named.or_else(|| answer("whoami")).unwrap_or_else(|| "somebody".to_owned());
    format!("{user}@{}", host())
}

/// What a program says on its standard output.
fn answer(program: &str) -> Option<String> {
    let output = Command::new(program).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    Some(said.trim().to_owned()).filter(|said| !said.is_empty())
}

fn host() -> String {
    let read = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let read = read.map(|host| host.trim().to_owned()).filter(|host| !host.is_empty());
    read.or_else(|| answer("hostname")).unwrap_or_else(|| "unknown".to_owned())
}

/// This process, where others can tell whether it still runs: on Linux.
pub fn this() -> Option<Process> {
    let id = std::process::id();
    Some(Process { machine: machine()?, id, started: started(id).ok()? })
}

/// Whether a process ran on this machine and runs no more. Of other machines nothing is known.
pub fn is_gone(process: &Process) -> bool {
    if machine().as_deref() != Some(&process.machine) {
        return false;
    }
    match started(process.id) {
        // Another one has its id now.
        Ok(started) => started != process.started,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// A hash of what is the same within one boot of one machine and one namespace of processes, and
/// nowhere else. None where processes may be hidden from each other (proc(5), `hidepid`): one that
/// is not seen need not be gone.
fn machine() -> Option<String> {
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    if mounts.lines().any(|line| line.contains("hidepid=")) {
        return None;
    }
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    // Machines that were copied while they ran have the same boot.
    let id = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let mark = digest(&format!("{boot}/{id}/{}/{}", host(), namespace.display()));
    Some(mark.chars().take(16).collect())
}

/// When a process started, in ticks since the boot (proc_pid_stat(5), field 22).
fn started(id: u32) -> std::io::Result<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The second field is the name in parentheses, which may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let started = fields.split_whitespace().nth(19);
    started.map(str::to_owned).ok_or_else(|| ErrorKind::InvalidData.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_once_it_has_ended() {
        let Some(this) = this() else { return };
        assert!(!is_gone(&this));
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let other = Process { id: child.id(), started: started(child.id()).unwrap(), ..this };
        assert!(!is_gone(&other));
        assert!(is_gone(&Process { started: "1".to_owned(), ..other.clone() }));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&other));
        assert!(!is_gone(&Process { machine: "elsewhere".to_owned(), ..other }));
    }
}
