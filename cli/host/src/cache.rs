//! Compiled modules, kept between runs.
//!
//! The cache is the engine's own. An entry is found by the digest of the module and of everything that its machine code
//! depends on: the version of the engine, its settings, and the features of this processor. What cannot be decompressed,
//! or was written by another engine, is compiled anew.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use wasmtime_provider::wasmtime::{Cache, CacheConfig};

/// The directory that [`cache_in`] was given.
static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();

/// Keeps compiled modules in a directory, which is made when it is not there.
///
/// Has no effect once a module was loaded. Entries hold machine code that is trusted, so the directory must be one that
/// only this user writes to.
///
/// # Errors
///
/// The directory cannot be made, or others may write to it.
pub fn cache_in(directory: &Path) -> io::Result<()> {
    make_private(directory)?;
    let directory = std::path::absolute(directory)?;
    // Only the first directory counts.
    let _ = DIRECTORY.set(directory);
    Ok(())
}

/// The cache of the engine, if there is to be one.
pub(crate) fn configured() -> Option<Cache> {
    let mut config = CacheConfig::new();
    config.with_directory(DIRECTORY.get()?);
    Cache::new(config).ok()
}

#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    /// The bits of a mode that let the group and others write.
    const WRITABLE_BY_OTHERS: u32 = 0o022;

    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    if std::fs::metadata(directory)?.permissions().mode() & WRITABLE_BY_OTHERS == 0 {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "others may write to it"))
    }
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_directory_that_others_may_write_to_is_refused() {
        let directory = std::env::temp_dir().join(format!("seaworthy-cache-{}", std::process::id()));
        make_private(&directory).unwrap();
        let mode = |mode| std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o777);
        let refused = make_private(&directory).unwrap_err();
        mode(0o755);
        let accepted = make_private(&directory);
        std::fs::remove_dir(&directory).unwrap();
        assert_eq!(refused.to_string(), "others may write to it");
        assert!(accepted.is_ok());
    }
}
