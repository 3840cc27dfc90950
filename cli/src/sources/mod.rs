//! From paths to objects: the files to read, and what is in them.

mod apart;
mod exclude;
mod git;
mod left_out;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ignore::overrides::OverrideBuilder;
use manifests::{Item, Problem};

pub(crate) use self::exclude::Exclude;
pub(crate) use self::left_out::LeftOut;

/// The endings of manifests in a directory.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The name of standard input in reports.
pub(crate) const STDIN: &str = "<stdin>";

/// The characters that make a path a pattern.
const GLOB: [char; 4] = ['*', '?', '[', '{'];

/// Something to read manifests from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file that was named: it must hold objects.
    Named(PathBuf),
    /// A file that a search found: it may be something else.
    Found(PathBuf),
    /// Standard input.
    Stdin,
}

impl Source {
    /// Its name in the report.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Named(path) | Self::Found(path) => path.display().to_string(),
            Self::Stdin => STDIN.to_owned(),
        }
    }

    /// The objects in it, and what of it cannot be read; both in the order of the text. `None` for a file that was found
    /// and neither holds an object nor claims to.
    pub(crate) fn items(&self) -> Option<Vec<Result<Item, Problem>>> {
        let items = match self.read() {
            Ok(text) => manifests::items(&text),
            Err(problem) => vec![Err(problem)],
        };
        match self {
            Self::Found(_) if items.iter().all(|item| item.as_ref().is_err_and(|problem| problem.no_object)) => None,
            // A failed `helm template` must not look like clean manifests.
            Self::Stdin if items.is_empty() => {
                let advice = "standard input holds no Kubernetes object; check the command before the pipe";
                Some(vec![Err(Problem::new(advice).of(STDIN))])
            }
            _ => Some(items.into_iter().map(|item| item.map_err(|problem| problem.of(self.name()))).collect()),
        }
    }

    /// The whole text.
    fn read(&self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        match self {
            Self::Named(path) | Self::Found(path) => {
                std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes))
            }
            Self::Stdin => std::io::stdin().read_to_end(&mut bytes),
        }
        .map_err(|error| Problem::new(advice(&error)))?;
        manifests::decode(bytes)
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

/// The choice among the files of directories and patterns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    /// The paths that the user excludes.
    pub(crate) exclude: Exclude,
    /// Files that are found must hold objects like those that are named.
    pub(crate) strict: bool,
}

/// The files that were chosen, and the rest.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The files to read, in the order of the paths and of the names in a directory.
    pub(crate) files: Vec<Source>,
    /// The paths that name nothing or cannot be read.
    pub(crate) problems: Vec<Problem>,
    /// The rest.
    pub(crate) left_out: LeftOut,
}

impl Sources {
    /// The files that these paths name.
    ///
    /// A path is a file, a directory, a glob or `-`. Directories are searched to the bottom: in a git repository, the
    /// files that git tracks or does not ignore, else all of them.
    pub(crate) fn of(paths: &[PathBuf], choice: &Choice) -> Self {
        let mut all = Self::default();
        for path in paths {
            let outcome = if path.as_os_str() == "-" {
                all.files.push(Source::Stdin);
                Ok(())
            } else if path.is_dir() {
                all.search(path, choice, &has_ending)
            } else if let Some(glob) = path.to_str().filter(|path| !Path::new(path).exists() && path.contains(GLOB)) {
                all.expand(glob, choice)
            } else if choice.exclude.matches(path) {
                all.left_out.excluded += 1;
                Ok(())
            } else {
                // One that is not there is named when it is read.
                all.files.push(Source::Named(path.clone()));
                Ok(())
            };
            if let Err(problem) = outcome {
                all.problems.push(problem.of(path.display().to_string()));
            }
        }
        all
    }

    /// Adds the files of a directory that are wanted.
    fn search(&mut self, directory: &Path, choice: &Choice, is_wanted: &dyn Fn(&Path) -> bool) -> Result<(), Problem> {
        let mut listing = git::list(directory, &mut self.left_out)?;
        self.left_out.ignored += listing.ignored.iter().filter(|path| is_wanted(path)).count();
        listing.files.sort();
        if !choice.strict {
            self.problems.extend(apart::set_apart(directory, &mut listing.files, is_wanted, &mut self.left_out));
        }
        for path in listing.files.into_iter().filter(|path| is_wanted(path)) {
            let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
            if choice.exclude.matches(&path) {
                self.left_out.excluded += 1;
            } else {
                self.files.push(if choice.strict { Source::Named(path) } else { Source::Found(path) });
            }
        }
        Ok(())
    }

    /// Adds the files that a glob matches, which the shell did not expand.
    fn expand(&mut self, glob: &str, choice: &Choice) -> Result<(), Problem> {
        let fixed = glob.split_inclusive('/').take_while(|part| !part.contains(GLOB)).collect::<String>();
        let directory = if fixed.is_empty() { Path::new(".") } else { Path::new(&fixed) };
        let nothing = || Problem::new("the pattern matches no file; check it against the current directory");
        if !directory.is_dir() {
            return Err(nothing());
        }
        let pattern = glob.strip_prefix(&fixed).unwrap_or(glob);
        let fault = |error: ignore::Error| Problem::new(format!("not a valid pattern: {error}"));
        // The leading slash makes it apply to the whole path.
        let pattern = OverrideBuilder::new(directory).add(&format!("/{pattern}")).and_then(|builder| builder.build());
        let pattern = pattern.map_err(fault)?;
        let before = (self.files.len(), self.left_out.files());
        self.search(directory, choice, &|path| pattern.matched(path, false).is_whitelist())?;
        if (self.files.len(), self.left_out.files()) == before { Err(nothing()) } else { Ok(()) }
    }
}

/// Returns `true` for a path with the ending of a manifest.
fn has_ending(path: &Path) -> bool {
    path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\n";

    /// A directory of manifests.
    fn directory(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            write(&directory, file, POD);
        }
        directory
    }

    fn write(directory: &tempfile::TempDir, file: &str, text: &str) {
        let path = directory.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs git in a directory; `false` when it is not installed.
    fn git(directory: &Path, arguments: &[&str]) -> bool {
        let output = Command::new("git").arg("-C").arg(directory).args(arguments).output();
        let Ok(output) = output else {
            println!("skipped: git is not installed");
            return false;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        true
    }

    fn choice(patterns: &[&str]) -> Choice {
        let patterns: Vec<_> = patterns.iter().map(ToString::to_string).collect();
        Choice { exclude: Exclude::new(&patterns).unwrap(), strict: false }
    }

    fn search(directory: &tempfile::TempDir, path: &str, choice: &Choice) -> Sources {
        Sources::of(&[directory.path().join(path)], choice)
    }

    /// The names of the files in a directory that a path of it names, without the directory, and the number of the rest.
    fn found(directory: &tempfile::TempDir, path: &str, choice: &Choice) -> (Vec<String>, String) {
        let sources = search(directory, path, choice);
        assert_eq!(sources.problems, []);
        let base = format!("{}/", directory.path().display());
        let names = sources.files.iter().map(|source| source.name().strip_prefix(&base).unwrap().to_owned());
        (names.collect(), sources.left_out.to_string())
    }

    fn expected(files: &[&str], left_out: &str) -> (Vec<String>, String) {
        (files.iter().map(ToString::to_string).collect(), left_out.to_owned())
    }

    #[test]
    fn a_directory_is_searched_to_the_bottom_in_the_order_of_names() {
        let directory = directory(&["b.yml", "a/z.json", "a/a.yaml", "notes.txt", "a.yaml.orig", ".hidden/c.yaml"]);
        let all = expected(&[".hidden/c.yaml", "a/a.yaml", "a/z.json", "b.yml"], "");
        assert_eq!(found(&directory, "", &Choice::default()), all);
    }

    #[test]
    fn outside_of_git_ignore_files_mean_nothing() {
        let directory = directory(&["a.yaml", "build/b.yaml", "lib.git/c.yaml"]);
        write(&directory, ".gitignore", "build/\n");
        write(&directory, ".ignore", "*\n");
        let all = expected(&["a.yaml", "build/b.yaml", "lib.git/c.yaml"], "");
        assert_eq!(found(&directory, "", &Choice::default()), all);
    }

    #[test]
    fn in_git_what_is_tracked_or_not_ignored_is_read_and_the_rest_counted() {
        let directory = directory(&["a.yaml", "build/b.yaml", "build/c.yaml", ".github/d.yaml", "sub/e.yaml"]);
        write(&directory, ".gitignore", "build/\n.github\n");
        if !git(directory.path(), &["init", "--quiet"]) {
            return;
        }
        assert!(git(directory.path(), &["add", "--force", "build/b.yaml", ".github/d.yaml"]));
        let all = expected(&[".github/d.yaml", "a.yaml", "build/b.yaml", "sub/e.yaml"], "1 file that git ignores");
        assert_eq!(found(&directory, "", &Choice::default()), all);
        assert_eq!(found(&directory, "**/*.yaml", &Choice::default()), all);
        // Whoever names a file or directory wants it.
        let named = expected(&["build/c.yaml"], "");
        assert_eq!(found(&directory, "build/c.yaml", &Choice::default()), named);
        write(&directory, "out/f.yaml", POD);
        write(&directory, ".gitignore", "build/\n.github\nout/\n");
        assert_eq!(found(&directory, "out", &Choice::default()), expected(&["out/f.yaml"], ""));
        std::fs::remove_file(directory.path().join("build/b.yaml")).unwrap();
        let (files, _) = found(&directory, "", &Choice::default());
        assert_eq!(files, [".github/d.yaml", "a.yaml", "sub/e.yaml"]);
    }

    #[test]
    fn repositories_in_a_directory_or_a_repository_are_searched_by_their_own_rules() {
        let directory = directory(&["a.yaml", "inner/b.yaml", "inner/c.yaml"]);
        write(&directory, "inner/.gitignore", "c.yaml\n");
        if !git(&directory.path().join("inner"), &["init", "--quiet"]) {
            return;
        }
        let all = expected(&["a.yaml", "inner/b.yaml"], "1 file that git ignores");
        assert_eq!(found(&directory, "", &Choice::default()), all);
        assert!(git(directory.path(), &["init", "--quiet"]));
        assert_eq!(found(&directory, "", &Choice::default()), all);
    }

    #[test]
    fn a_repository_that_git_cannot_read_is_searched_as_a_whole_with_a_note() {
        let directory = directory(&["a.yaml", "b.yaml"]);
        write(&directory, ".gitignore", "b.yaml\n");
        write(&directory, ".git", "gitdir: nowhere\n");
        let sources = search(&directory, "", &Choice::default());
        assert_eq!(sources.files.len(), 2);
        let notes = sources.left_out.notes();
        assert!(notes.len() == 1 && notes[0].contains("is in a git repository, but "), "{notes:?}");
    }

    #[test]
    fn excluded_files_are_left_out_and_counted() {
        let directory = directory(&["a.yaml", "a.test.yaml", "vendor/b.yaml", "vendor/b.txt", "c/vendor/d.yaml"]);
        let choice = choice(&["vendor/", "*.test.yaml"]);
        assert_eq!(found(&directory, "", &choice), expected(&["a.yaml"], "3 excluded files"));
        assert_eq!(found(&directory, "vendor/b.yaml", &choice), expected(&[], "1 excluded file"));
    }

    #[test]
    fn charts_kustomizations_and_patches_are_left_out_with_a_note_each() {
        let directory = directory(&["shop/templates/a.yaml", "shop/charts/db/values.yaml", "k8s/b.yaml", "k8s/p.yaml"]);
        for chart in ["shop/Chart.yaml", "shop/charts/db/Chart.yaml"] {
            write(&directory, chart, "apiVersion: v2\nname: a\n");
        }
        write(
            &directory,
            "k8s/kustomization.yaml",
            "resources: [b.yaml]\npatches: [{path: ./p.yaml}, {patch: inline}]\n",
        );
        write(
            &directory,
            "over/Kustomization",
            "patchesStrategicMerge:\n- ../q.yaml\npatchesJson6902: [{path: r.json}]\n",
        );
        write(&directory, "q.yaml", POD);
        write(&directory, "over/r.json", "[]");
        let left_out = "4 files of Helm charts, 2 kustomizations, 3 patches";
        assert_eq!(found(&directory, "", &Choice::default()), expected(&["k8s/b.yaml"], left_out));
        let notes = search(&directory, "", &Choice::default()).left_out.notes();
        let base = directory.path().display();
        assert_eq!(notes.len(), 3, "{notes:?}");
        assert!(notes[0].ends_with(&format!("helm template {base}/shop | seaworthy check -")), "{notes:?}");
        assert!(notes[1].ends_with(&format!("kubectl kustomize {base}/k8s | seaworthy check -")), "{notes:?}");
        // Whoever names a file wants it, and whoever is strict wants all.
        assert_eq!(found(&directory, "k8s/p.yaml", &Choice::default()), expected(&["k8s/p.yaml"], ""));
        let (files, left_out) = found(&directory, "", &Choice { strict: true, ..Choice::default() });
        assert_eq!((files.len(), left_out.as_str()), (9, ""));
    }

    #[test]
    fn many_charts_have_one_note() {
        let names: Vec<String> = (0..7).map(|number| format!("c{number}/Chart.yaml")).collect();
        let directory = directory(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let notes = search(&directory, "", &Choice::default()).left_out.notes();
        assert!(notes.len() == 1 && notes[0].starts_with("7 Helm charts were left out: "), "{notes:?}");
        assert!(notes[0].contains("c4 and 2 more; "), "{notes:?}");
    }

    #[test]
    fn a_kustomization_that_cannot_be_read_is_named_and_the_rest_is_found() {
        let directory = directory(&["a.yaml"]);
        write(&directory, "kustomization.yaml", "patches: [\n");
        let sources = search(&directory, "", &Choice::default());
        assert_eq!(sources.files.len(), 1);
        assert!(sources.problems[0].path.ends_with("kustomization.yaml"), "{:?}", sources.problems);
    }

    #[test]
    fn only_a_file_that_was_found_may_be_something_else() {
        let directory = tempfile::tempdir().unwrap();
        let items = |name: &str, text: &str| {
            write(&directory, name, text);
            let path = directory.path().join(name);
            (
                Source::Found(path.clone()).items().is_some(),
                Source::Named(path).items().unwrap().iter().all(Result::is_ok),
            )
        };
        for text in ["name: a\n", "[1, 2]", "text", "a: [", "kind: Deployment\nname: {{ x }}\n", "{\"name\": \"a\"}"] {
            assert_eq!(items("other.yaml", text), (false, false), "{text}");
        }
        for text in
            ["apiVersion: v1\nkind: 7\n", "apiVersion: v1\nkind: Pod\nmetadata: [\n", "apiVersion: v1\nkind: {{ a }}"]
        {
            assert_eq!(items("broken.yaml", text), (true, false), "{text}");
        }
        let mixed = format!("{POD}---\nname: a\n");
        assert_eq!(items("mixed.yaml", &mixed), (true, false));
        assert_eq!(items("pod.yaml", POD), (true, true));
        assert_eq!(items("empty.yaml", "# nothing\n"), (false, true));
    }

    #[test]
    fn a_glob_matches_whole_paths_in_the_order_of_names() {
        let directory = directory(&["a/x.yaml", "a/b/y.yaml", "a/z.txt", "c.yaml"]);
        let all = |glob: &str, patterns: &[&str]| found(&directory, glob, &choice(patterns)).0;
        assert_eq!(all("a/*.yaml", &[]), ["a/x.yaml"]);
        assert_eq!(all("**/*.{yaml,txt}", &[]), ["a/b/y.yaml", "a/x.yaml", "a/z.txt", "c.yaml"]);
        assert_eq!(all("**/?.yaml", &["b/"]), ["a/x.yaml", "c.yaml"]);
    }

    #[test]
    fn a_glob_that_matches_nothing_is_a_problem() {
        let directory = directory(&["a.yaml"]);
        for glob in ["*.json", "none/*.yaml"] {
            let sources = search(&directory, glob, &Choice::default());
            assert_eq!(sources.files, []);
            assert!(sources.problems[0].message.starts_with("the pattern matches no file"), "{:?}", sources.problems);
        }
    }

    #[test]
    fn files_are_taken_as_given_whatever_their_names() {
        let sources = Sources::of(&["z.txt".into(), "-".into(), "a".into()], &Choice::default());
        assert_eq!(sources.files, [Source::Named("z.txt".into()), Source::Stdin, Source::Named("a".into())]);
        assert_eq!(sources.problems, []);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let problem = Source::Named("no/such.yaml".into()).items().unwrap().pop().unwrap().unwrap_err();
        assert_eq!(problem.to_string(), "no/such.yaml: no such file; give a file, a directory, a pattern or -");
    }
}
