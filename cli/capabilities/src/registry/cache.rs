//! Manifests and configurations of earlier runs, by their digest.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::images::{MAX_BLOB, file_name, require};

/// A directory of blobs.
#[derive(Debug)]
pub(super) struct Cache(PathBuf);

impl Cache {
    /// The cache in a directory, which is made when it is not there; `None` where that fails.
    pub(super) fn open(directory: &Path) -> Option<Self> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(directory).ok()?;
        Some(Self(directory.to_path_buf()))
    }

    /// The content of a digest, if it is there and nobody changed it.
    pub(super) fn read(&self, digest: &str) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        File::open(self.path(digest)?).ok()?.take(MAX_BLOB).read_to_end(&mut content).ok()?;
        require(digest, &content).is_ok().then_some(content)
    }

    /// Keeps the content of a digest. A cache that cannot be written to is none.
    pub(super) fn write(&self, digest: &str, content: &[u8]) {
        let Some(path) = self.path(digest) else { return };
        // As a whole, so that nobody reads half of it.
        let file = tempfile::NamedTempFile::new_in(&self.0).and_then(|mut file| {
            file.write_all(content)?;
            Ok(file)
        });
        if let Ok(file) = file {
            let _ = file.persist(path);
        }
    }

    fn path(&self, digest: &str) -> Option<PathBuf> {
        let (algorithm, digits) = file_name(digest)?;
        Some(self.0.join(format!("{algorithm}-{digits}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    #[test]
    fn what_was_changed_in_the_cache_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(&directory.path().join("a/b")).unwrap();
        assert_eq!(cache.read(X), None);
        cache.write(X, b"x");
        assert_eq!(cache.read(X).as_deref(), Some(b"x".as_slice()));
        std::fs::write(cache.path(X).unwrap(), b"y").unwrap();
        assert_eq!(cache.read(X), None);
        cache.write(X, b"x");
        assert_eq!(cache.read(X).as_deref(), Some(b"x".as_slice()));
    }

    #[test]
    fn a_digest_never_names_a_file_elsewhere() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(directory.path()).unwrap();
        cache.write("sha256:../x", b"x");
        assert_eq!(directory.path().read_dir().unwrap().count(), 0);
    }
}
