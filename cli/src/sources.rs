//! From paths to objects: the files to read, and what is in them.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::overrides::OverrideBuilder;
use ignore::{DirEntry, Walk, WalkBuilder};
use manifests::{Item, Problem};

/// The endings of manifests in a directory.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The name of standard input in reports.
pub(crate) const STDIN: &str = "<stdin>";

/// The characters that make a path a pattern.
const GLOB: [char; 4] = ['*', '?', '[', '{'];

/// The byte order mark that some editors put before UTF-8 text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Something to read manifests from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Source {
    /// Its name in the report.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => STDIN.to_owned(),
        }
    }

    /// The objects in it, and what of it cannot be read; both in the order of the text.
    pub(crate) fn items(&self) -> Vec<Result<Item, Problem>> {
        let items = match self.read() {
            Ok(text) => manifests::items(&text),
            Err(problem) => return vec![Err(problem)],
        };
        items.into_iter().map(|item| item.map_err(|problem| problem.of(self.name()))).collect()
    }

    /// The whole text.
    fn read(&self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        match self {
            Self::File(path) => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
            Self::Stdin => std::io::stdin().read_to_end(&mut bytes),
        }
        .map_err(|error| Problem::new(advice(&error)).of(self.name()))?;
        let text = text(bytes).map_err(|problem| problem.of(self.name()))?;
        if *self == Self::Stdin && text.trim().is_empty() {
            // A failed `helm template` must not look like clean manifests.
            let problem = Problem::new("standard input is empty; check whether the command before the pipe failed");
            return Err(problem.of(self.name()));
        }
        Ok(text)
    }
}

/// The reason why a file cannot be read, and the fix.
fn advice(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file; give a file, a directory, a pattern or -".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied; check the permissions of the file".to_owned(),
        _ => error.to_string(),
    }
}

/// The text of a file: UTF-8, with or without a byte order mark.
fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let valid = String::from_utf8_lossy(valid);
        let line = valid.matches('\n').count() + 1;
        let column = valid.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Problem::new("not UTF-8 text").at(line, column)
    })?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.remove(0);
    }
    Ok(text)
}

/// The files that these paths name, and the paths that name none.
///
/// A path is a file, a directory, a glob or `-`. Directories are searched to the bottom, in the order of names, without
/// what git ignores. The patterns of `exclude` are those of a `.gitignore` in the current directory.
pub(crate) fn sources(paths: &[PathBuf], exclude: &Exclude) -> (Vec<Source>, Vec<Problem>) {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let found = if path.as_os_str() == "-" {
            Ok(vec![Source::Stdin])
        } else if path.is_dir() {
            search(path, exclude)
        } else if let Some(glob) = path.to_str().filter(|path| !Path::new(path).exists() && path.contains(GLOB)) {
            expand(glob, exclude)
        } else {
            // One that is not there is named when it is read.
            Ok(if exclude.matches(path, false) { Vec::new() } else { vec![Source::File(path.clone())] })
        };
        match found {
            Ok(found) => sources.extend(found),
            Err(problem) => problems.push(problem.of(path.display().to_string())),
        }
    }
    (sources, problems)
}

/// The paths that the user excludes.
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
    /// Says which pattern is none, and why.
    pub(crate) fn new(patterns: &[String]) -> Result<Self, String> {
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            builder.add_line(None, pattern).map_err(|error| format!("--exclude: {error}"))?;
        }
        builder.build().map(Self).map_err(|error| format!("--exclude: {error}"))
    }

    /// Returns `true` if a path, or a directory that it is in, is excluded.
    fn matches(&self, path: &Path, is_directory: bool) -> bool {
        let path = path.strip_prefix(".").unwrap_or(path);
        let mut above = path.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty());
        self.0.matched(path, is_directory).is_ignore() || above.any(|path| self.0.matched(path, true).is_ignore())
    }
}

/// The manifests in a directory.
fn search(directory: &Path, exclude: &Exclude) -> Result<Vec<Source>, Problem> {
    let found = files(walker(directory, exclude).build())?;
    let is_manifest = |path: &Path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| ENDINGS.contains(&ending))
    };
    let found: Vec<_> = found.into_iter().filter(|path| is_manifest(path)).map(Source::File).collect();
    if found.is_empty() {
        let reason = "the directory holds no *.yaml, *.yml or *.json file that is neither hidden nor ignored by git or \
                      --exclude";
        return Err(Problem::new(reason));
    }
    Ok(found)
}

/// The files that a glob matches, which the shell did not expand.
fn expand(glob: &str, exclude: &Exclude) -> Result<Vec<Source>, Problem> {
    let fixed = glob.split_inclusive('/').take_while(|part| !part.contains(GLOB)).collect::<String>();
    let directory = if fixed.is_empty() { Path::new(".") } else { Path::new(&fixed) };
    let nothing = || Problem::new("the pattern matches no file; check it against the current directory");
    if !directory.is_dir() {
        return Err(nothing());
    }
    let pattern = glob.strip_prefix(&fixed).unwrap_or(glob);
    let fault = |error: ignore::Error| Problem::new(format!("not a pattern: {error}"));
    // The leading slash makes it apply to the whole path.
    let overrides = OverrideBuilder::new(directory).add(&format!("/{pattern}")).and_then(|builder| builder.build());
    let found = files(walker(directory, exclude).overrides(overrides.map_err(fault)?).build())?;
    let found: Vec<_> =
        found.into_iter().map(|path| path.strip_prefix(".").map(PathBuf::from).unwrap_or(path)).collect();
    if found.is_empty() {
        return Err(nothing());
    }
    Ok(found.into_iter().map(Source::File).collect())
}

/// A walk that does not depend on this machine: without global ignore files of the user, but with those in the tree.
fn walker(directory: &Path, exclude: &Exclude) -> WalkBuilder {
    let mut builder = WalkBuilder::new(directory);
    let exclude = exclude.clone();
    let is_wanted = move |entry: &DirEntry| !exclude.matches(entry.path(), entry.path().is_dir());
    builder.ignore(false).git_global(false).git_exclude(false).require_git(false);
    builder.sort_by_file_name(Ord::cmp).filter_entry(is_wanted);
    builder
}

/// The files of a walk.
fn files(walk: Walk) -> Result<Vec<PathBuf>, Problem> {
    let mut found = Vec::new();
    for entry in walk {
        let path = entry.map_err(|error| Problem::new(error.to_string()))?.into_path();
        if path.is_file() {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of empty files.
    fn directory(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            let path = directory.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        directory
    }

    #[test]
    fn a_directory_is_searched_to_the_bottom_in_the_order_of_names() {
        let directory = directory(&["b.yml", "a/z.json", "a/a.yaml", "notes.txt", "a.yaml.orig"]);
        let (sources, problems) = sources(&[directory.path().to_path_buf()], &exclude(&[]));
        let files = ["a/a.yaml", "a/z.json", "b.yml"].map(|file| Source::File(directory.path().join(file)));
        assert_eq!(sources, files);
        assert_eq!(problems, []);
    }

    #[test]
    fn a_directory_without_manifests_is_a_problem() {
        let directory = directory(&["README.md"]);
        let (sources, problems) = sources(&[directory.path().to_path_buf()], &exclude(&[]));
        assert_eq!(sources, []);
        let message = &problems.first().unwrap().message;
        assert!(message.starts_with("the directory holds no *.yaml, *.yml or *.json file"), "{message}");
    }

    fn exclude(patterns: &[&str]) -> Exclude {
        Exclude::new(&patterns.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    /// The files in a directory that a path of it names, without the directory.
    fn found(directory: &tempfile::TempDir, path: &str, patterns: &[&str]) -> Vec<String> {
        let (sources, problems) = sources(&[directory.path().join(path)], &exclude(patterns));
        assert_eq!(problems, []);
        let base = format!("{}/", directory.path().display());
        sources.iter().map(|source| source.name().strip_prefix(&base).unwrap().to_owned()).collect()
    }

    #[test]
    fn what_git_ignores_or_hides_is_not_searched() {
        let directory = directory(&["a.yaml", "build/b.yaml", "c/d.yaml", "c/e.yaml", ".github/f.yaml"]);
        std::fs::write(directory.path().join(".gitignore"), "build/\n").unwrap();
        std::fs::write(directory.path().join("c/.gitignore"), "*\n!d.yaml\n").unwrap();
        assert_eq!(found(&directory, "", &[]), ["a.yaml", "c/d.yaml"]);
        assert_eq!(found(&directory, "build/b.yaml", &[]), ["build/b.yaml"]);
    }

    #[test]
    fn excluded_files_and_directories_are_left_out_wherever_they_are() {
        let directory = directory(&["a.yaml", "a.test.yaml", "vendor/b.yaml", "c/vendor/d.yaml"]);
        assert_eq!(found(&directory, "", &["vendor/", "*.test.yaml"]), ["a.yaml"]);
        let named = [directory.path().join("vendor/b.yaml"), directory.path().join("a.yaml")];
        assert_eq!(sources(&named, &exclude(&["vendor/"])).0.len(), 1);
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        let fault = Exclude::new(&["a{".to_owned()]).unwrap_err();
        assert!(fault.contains("--exclude") && fault.contains("a{"), "{fault}");
    }

    #[test]
    fn a_glob_matches_whole_paths_in_the_order_of_names() {
        let directory = directory(&["a/x.yaml", "a/b/y.yaml", "a/z.txt", "c.yaml"]);
        assert_eq!(found(&directory, "a/*.yaml", &[]), ["a/x.yaml"]);
        assert_eq!(found(&directory, "**/*.{yaml,txt}", &[]), ["a/b/y.yaml", "a/x.yaml", "a/z.txt", "c.yaml"]);
        assert_eq!(found(&directory, "**/?.yaml", &["b/"]), ["a/x.yaml", "c.yaml"]);
    }

    #[test]
    fn a_glob_that_matches_nothing_is_a_problem() {
        let directory = directory(&["a.yaml"]);
        for glob in ["*.json", "none/*.yaml"] {
            let (sources, problems) = sources(&[directory.path().join(glob)], &exclude(&[]));
            assert_eq!(sources, []);
            assert!(problems.first().unwrap().message.starts_with("the pattern matches no file"), "{problems:?}");
        }
    }

    #[test]
    fn files_are_taken_as_given_whatever_their_names() {
        let (sources, problems) = sources(&["z.txt".into(), "-".into(), "a".into()], &exclude(&[]));
        assert_eq!(sources, [Source::File("z.txt".into()), Source::Stdin, Source::File("a".into())]);
        assert_eq!(problems, []);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let problem = Source::File("no/such.yaml".into()).read().unwrap_err();
        assert_eq!(problem.path, "no/such.yaml");
        assert_eq!(problem.message, "no such file; give a file, a directory, a pattern or -");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_with_line_and_column() {
        let problem = text(b"a: 1\n\xc3\xa9: \xff".to_vec()).unwrap_err();
        assert_eq!((problem.line, problem.column), (Some(2), Some(4)));
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        assert_eq!(text("\u{feff}a: 1".into()).unwrap(), "a: 1");
    }
}
