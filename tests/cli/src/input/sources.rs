//! The files to read.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::report::Problem;

/// The endings of manifests in a directory.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// What some editors put before UTF-8 text.
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
    /// How it is named in the report.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "<stdin>".to_owned(),
        }
    }

    /// The whole text.
    pub(crate) fn read(&self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        match self {
            Self::File(path) => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
            Self::Stdin => std::io::stdin().read_to_end(&mut bytes),
        }
        .map_err(|error| Problem::new(error.to_string()).of(self.name()))?;
        text(bytes).map_err(|problem| problem.of(self.name()))
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
/// Directories are searched to the bottom, in the order of names.
pub(crate) fn sources(paths: &[PathBuf]) -> (Vec<Source>, Vec<Problem>) {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            sources.push(Source::Stdin);
        } else if path.is_dir() {
            search(path, &mut sources, &mut problems);
        } else {
            // One that is not there is named when it is read.
            sources.push(Source::File(path.clone()));
        }
    }
    (sources, problems)
}

fn search(directory: &Path, sources: &mut Vec<Source>, problems: &mut Vec<Problem>) {
    let before = sources.len() + problems.len();
    for entry in WalkDir::new(directory).sort_by_file_name() {
        match entry {
            Ok(entry) => {
                let ending = entry.path().extension().and_then(|ending| ending.to_str());
                if ending.is_some_and(|ending| ENDINGS.contains(&ending)) && entry.path().is_file() {
                    sources.push(Source::File(entry.into_path()));
                }
            }
            Err(error) => {
                let path = error.path().unwrap_or(directory).display().to_string();
                problems.push(Problem::new(error.to_string()).of(path));
            }
        }
    }
    if sources.len() + problems.len() == before {
        let problem = Problem::new("the directory holds no *.yaml, *.yml or *.json file");
        problems.push(problem.of(directory.display().to_string()));
    }
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
        let (sources, problems) = sources(&[directory.path().to_path_buf()]);
        let files = ["a/a.yaml", "a/z.json", "b.yml"].map(|file| Source::File(directory.path().join(file)));
        assert_eq!(sources, files);
        assert_eq!(problems, []);
    }

    #[test]
    fn a_directory_without_manifests_is_a_problem() {
        let directory = directory(&["README.md"]);
        let (sources, problems) = sources(&[directory.path().to_path_buf()]);
        assert_eq!(sources, []);
        assert_eq!(problems.first().unwrap().message, "the directory holds no *.yaml, *.yml or *.json file");
    }

    #[test]
    fn files_are_taken_as_given_whatever_their_names() {
        let (sources, problems) = sources(&["z.txt".into(), "-".into(), "a".into()]);
        assert_eq!(sources, [Source::File("z.txt".into()), Source::Stdin, Source::File("a".into())]);
        assert_eq!(problems, []);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let problem = Source::File("no/such.yaml".into()).read().unwrap_err();
        assert_eq!(problem.path, "no/such.yaml");
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
