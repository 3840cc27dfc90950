//! Programs that install the dependencies of an app.

use shared::process::{InstallerAction, InstallerCall, Invocation, is_one_of, words};

/// A program that installs what a file lists.
pub(crate) struct Dependencies {
    /// Its names, separated by `|`.
    programs: &'static str,
    /// The first words of such a call, separated by `|`. Without, any word.
    verbs: &'static str,
    /// The files to copy before.
    pub(crate) files: &'static str,
}

/// The programs. Sources: their manuals.
const PROGRAMS: [Dependencies; 15] = [
    Dependencies { programs: "npm", verbs: "ci|install|i", files: "package.json and its lock file" },
    Dependencies { programs: "pnpm", verbs: "install|i|fetch", files: "package.json and its lock file" },
    Dependencies { programs: "bun", verbs: "install|i", files: "package.json and its lock file" },
    Dependencies { programs: "pipenv", verbs: "install|sync", files: "Pipfile and Pipfile.lock" },
    Dependencies { programs: "poetry", verbs: "install|sync", files: "pyproject.toml and poetry.lock" },
    Dependencies { programs: "uv", verbs: "sync", files: "pyproject.toml and uv.lock" },
    Dependencies { programs: "bundle|bundler", verbs: "install", files: "Gemfile and Gemfile.lock" },
    Dependencies { programs: "composer", verbs: "install", files: "composer.json and composer.lock" },
    Dependencies { programs: "go", verbs: "mod", files: "go.mod and go.sum" },
    Dependencies { programs: "cargo", verbs: "fetch", files: "Cargo.toml and Cargo.lock" },
    Dependencies { programs: "mvn|mvnw", verbs: "", files: "pom.xml" },
    Dependencies { programs: "gradle|gradlew", verbs: "", files: "the build files of Gradle" },
    Dependencies { programs: "dotnet", verbs: "restore", files: "the project files" },
    Dependencies { programs: "mix", verbs: "deps.get", files: "mix.exs and mix.lock" },
    Dependencies { programs: "flutter|dart", verbs: "pub", files: "pubspec.yaml and pubspec.lock" },
];

const YARN: Dependencies = Dependencies { programs: "yarn", verbs: "install", files: "package.json and its lock file" };
const PIP: Dependencies = Dependencies { programs: "pip", verbs: "install", files: "requirements.txt" };
/// Packages of the system depend on no file.
const SYSTEM: Dependencies = Dependencies { programs: "", verbs: "", files: "" };

impl Dependencies {
    /// The dependencies that a call installs.
    pub(crate) fn of(invocation: &Invocation<'_>, call: Option<&InstallerCall<'_>>) -> Option<&'static Self> {
        if let Some(call) = call.filter(|call| call.action == InstallerAction::Install) {
            let has_operands = call.operands().next().is_some();
            if call.installer.is_of_system() {
                // What is not known, or a file, may have been copied.
                let is_named = |package: &str| !package.contains(['$', '/']);
                return (has_operands && call.operands().all(is_named)).then_some(&SYSTEM);
            }
            match call.installer.name {
                "pip" => {
                    return (call.option("-r").or(call.option("--requirement")).is_some() && !has_operands)
                        .then_some(&PIP);
                }
                "yarn" => return (!has_operands).then_some(&YARN),
                // A package by its name, which no file lists.
                _ if has_operands => return None,
                _ => {}
            }
        }
        let verb = words(invocation.arguments, "").next().unwrap_or_default();
        PROGRAMS.iter().find(|known| {
            is_one_of(invocation.program, known.programs)
                && if known.verbs.is_empty() { !verb.is_empty() } else { is_one_of(verb, known.verbs) }
        })
    }

    /// They are packages of the system.
    pub(crate) fn is_of_system(&self) -> bool {
        self.files.is_empty()
    }

    /// They are installed by the same program.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.programs == other.programs
    }
}
