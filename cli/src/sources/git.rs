//! The files of a directory: those that git tracks or does not ignore, outside of git all of them.
//!
//! The installed git lists its files, because only its index knows what is tracked. Ignore files of the user do not count, so
//! that the same files are read on every machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use manifests::Problem;

use super::left_out::LeftOut;

/// The directory in which git keeps a repository.
const GIT: &str = ".git";

/// What the environment says about another repository, such as in a hook of git.
const VARIABLES: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

/// The files below a directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Those to read.
    pub(super) files: Vec<PathBuf>,
    /// Those that git ignores and does not track.
    pub(super) ignored: Vec<PathBuf>,
}

/// Lists the files below a directory, to the bottom. Notes where git should have done so and cannot.
pub(super) fn list(directory: &Path, left_out: &mut LeftOut) -> Result<Listing, Problem> {
    let mut listing = Listing::default();
    let absolute = directory.canonicalize().map_err(|error| unreadable(directory, &error))?;
    let is_in_git = absolute.ancestors().any(|above| above.join(GIT).exists());
    // Whoever names an ignored directory wants its files.
    if is_in_git && run(directory, &["check-ignore", "--quiet", "."]).is_err() {
        tracked(directory, &mut listing, left_out)?;
    } else {
        walk(directory, &mut listing, left_out)?;
    }
    Ok(listing)
}

/// Adds what git lists below a directory of a repository.
fn tracked(directory: &Path, listing: &mut Listing, left_out: &mut LeftOut) -> Result<(), Problem> {
    const UNTRACKED: [&str; 4] = ["ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"];
    let all = run(directory, &[&UNTRACKED[..], &["--cached"]].concat());
    let ignored = run(directory, &[&UNTRACKED[..], &["--ignored"]].concat());
    match (all, ignored) {
        (Ok(all), Ok(ignored)) => {
            for path in all {
                // A repository in the repository, such as a submodule.
                if path.is_dir() && !path.is_symlink() {
                    let inner = if path.join(GIT).exists() { tracked } else { walk };
                    inner(&path, listing, left_out)?;
                } else if path.is_file() {
                    listing.files.push(path);
                }
            }
            listing.ignored.extend(ignored);
            Ok(())
        }
        (Err(reason), _) | (_, Err(reason)) => {
            left_out.without_git(directory, &reason);
            walk(directory, listing, left_out)
        }
    }
}

/// Adds all files below a directory that is in no repository.
fn walk(directory: &Path, listing: &mut Listing, left_out: &mut LeftOut) -> Result<(), Problem> {
    for entry in fs::read_dir(directory).map_err(|error| unreadable(directory, &error))? {
        let path = entry.map_err(|error| unreadable(directory, &error))?.path();
        if path.ends_with(GIT) {
            left_out.git_directories += usize::from(path.is_dir());
        } else if path.is_symlink() || !path.is_dir() {
            listing.files.extend(path.is_file().then_some(path));
        } else if path.join(GIT).exists() && !left_out.is_without_git() {
            tracked(&path, listing, left_out)?;
        } else {
            walk(&path, listing, left_out)?;
        }
    }
    Ok(())
}

fn unreadable(directory: &Path, error: &std::io::Error) -> Problem {
    Problem::new(format!("{} cannot be read: {error}", directory.display()))
}

/// The paths that a command of git prints; else why it fails.
fn run(directory: &Path, arguments: &[&str]) -> Result<Vec<PathBuf>, String> {
    let mut command = Command::new("git");
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    // A repository must not be able to start programs, nor the user to hide files from others.
    command.args(["-c", "core.fsmonitor=false", "-c", "core.excludesFile=", "-C"]).arg(directory).args(arguments);
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("git cannot be started: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(reason.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ").to_owned());
    }
    let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    Ok(paths.map(|path| directory.join(path_of(path))).collect())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
