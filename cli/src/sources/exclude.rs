//! The paths that the user excludes.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns of `--exclude`, which are those of a `.gitignore` in the current directory.
#[derive(Debug, Clone)]
pub(crate) struct Exclude(Gitignore);

impl Default for Exclude {
    /// Nothing is excluded.
    fn default() -> Self {
        Self(Gitignore::empty())
    }
}

impl Exclude {
    /// # Errors
    ///
    /// Names the pattern that is not valid, with the reason.
    pub(crate) fn new(patterns: &[String]) -> Result<Self, String> {
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            builder.add_line(None, pattern).map_err(|error| format!("--exclude: {error}"))?;
        }
        builder.build().map(Self).map_err(|error| format!("--exclude: {error}"))
    }

    /// Returns `true` if a file, or a directory that it is in, is excluded.
    pub(super) fn matches(&self, file: &Path) -> bool {
        let file = file.strip_prefix(".").unwrap_or(file);
        let mut above = file.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty());
        self.0.matched(file, false).is_ignore() || above.any(|path| self.0.matched(path, true).is_ignore())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_directories_are_excluded_wherever_they_are() {
        let exclude = Exclude::new(&["vendor/".to_owned(), "*.test.yaml".to_owned()]).unwrap();
        for path in ["vendor/b.yaml", "c/vendor/d/e.yaml", "a.test.yaml", "./vendor/b.yaml"] {
            assert!(exclude.matches(Path::new(path)), "{path}");
        }
        for path in ["a.yaml", "vendor", "test.yaml"] {
            assert!(!exclude.matches(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_pattern_that_is_not_valid_is_named() {
        let fault = Exclude::new(&["a{".to_owned()]).unwrap_err();
        assert!(fault.contains("--exclude") && fault.contains("a{"), "{fault}");
    }
}
