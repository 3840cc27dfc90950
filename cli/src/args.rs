//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use manifests::Operation;

/// Exit code: no findings.
pub(crate) const CLEAN: u8 = 0;
/// Exit code: a policy denies an object.
pub(crate) const FINDINGS: u8 = 1;
/// Exit code: the command line, the settings or the modules are wrong. The same as clap's own.
pub(crate) const USAGE: u8 = 2;
/// Exit code: something could not be read or judged.
pub(crate) const UNREADABLE: u8 = 3;

/// The value of `--images` that stands for registries.
const REGISTRY: &str = "registry";

/// Threads that judge while registries are asked: each waits for the answer to one question.
const CONNECTIONS: usize = 16;

/// Judges Kubernetes manifests with the same policy modules that a cluster runs.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, arg_required_else_help = true, term_width = 80)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge manifests as the cluster would
    Check(Box<Check>),
    /// List the built-in policies
    List {
        #[command(flatten)]
        told: Told,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Explain a policy or a rule, with examples
    Explain {
        /// A policy, one of its rules, or a rule of any policy
        #[arg(value_name = "POLICY[/RULE]|RULE")]
        topic: String,
        #[command(flatten)]
        told: Told,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Print the JSON Schema of the settings of a policy
    Schema {
        /// The policy
        policy: String,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Print a manifest that loads a policy into a cluster
    Manifest {
        /// The policy
        policy: String,
        #[command(flatten)]
        changes: Changes,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Show a module's metadata, imports and size
    Inspect {
        /// A WebAssembly module, or the name of a built-in policy
        #[arg(value_name = "FILE|POLICY")]
        module: String,
        #[command(flatten)]
        told: Told,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Replay the cases of a policy through its module
    ///
    /// The module of a file is tested with the cases themselves. A built-in policy is also tested with variants of
    /// them: all nine kinds that hold pods, updates, deletions, and lists of containers that are not lists.
    Test {
        /// Directory of the case files (*.yaml), or one with a directory `cases`
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        cases: PathBuf,
        /// The module [default: the built-in policy that DIR is named after]
        #[arg(long, value_name = "FILE")]
        module: Option<PathBuf>,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Print a shell completion script
    ///
    /// It knows the policies and rules that are built in when it is printed.
    Completions {
        /// The shell
        shell: clap_complete::Shell,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Print the manual page
    Man {
        /// The command to describe [default: a summary of all]
        command: Option<String>,
    },
}

impl Command {
    /// The number of threads to work with, if it is not one per core.
    pub(crate) fn threads(&self) -> Option<usize> {
        match self {
            Self::Check(check) if check.answers.asks_registries() => Some(CONNECTIONS),
            _ => None,
        }
    }
}

/// The purpose of a policy in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    /// Report what it would reject
    Monitor,
    /// Reject in the whole cluster
    Protect,
    /// Reject in one namespace
    Namespaced,
    /// Serve as the first member of a group
    Group,
    /// Let the policy server read the objects that the policy asks for
    Rbac,
}

/// The form in which a command tells what it knows.
#[derive(Debug, Args)]
pub(crate) struct Told {
    /// For people (text) or for programs (json)
    #[arg(short = 'o', long, value_enum, value_name = "FORMAT", default_value_t = Form::Text, hide_possible_values = true)]
    pub(crate) format: Form,
}

/// A form for people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    Text,
    /// For programs
    Json,
}

/// What distinguishes a manifest from the one that is published.
#[derive(Debug, Args)]
pub(crate) struct Changes {
    /// The purpose of the manifest
    #[arg(long = "for", value_enum, value_name = "PURPOSE", default_value_t = Purpose::Monitor)]
    pub(crate) purpose: Purpose,
    /// YAML or JSON file with settings by policy name, as for `check`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) settings: Option<PathBuf>,
    /// Reference of the module, if it is a copy, such as registry.example/no-latest:v1
    #[arg(long, value_name = "REF")]
    pub(crate) module: Option<String>,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  no findings (warnings do not count)
  1  a policy denies an object
  2  wrong usage, settings or modules; nothing was judged
  3  something could not be read, judged or written, whatever the other findings";

/// `seaworthy check`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Check {
    /// Files, directories, globs, or - for standard input
    #[arg(required_unless_present = "more", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// The same, as kubectl takes it; repeatable
    #[arg(short = 'f', id = "more", value_name = "PATH", value_hint = ValueHint::AnyPath, hide_short_help = true)]
    more: Vec<PathBuf>,

    /// Leave out files that match, as in a .gitignore; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,

    /// Require objects in every file of a directory
    #[arg(long)]
    pub(crate) strict: bool,

    #[command(flatten)]
    pub(crate) chosen: Chosen,

    /// YAML or JSON file with settings by policy name
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) builtin: Builtin,

    #[command(flatten)]
    pub(crate) answers: Answers,

    /// Exit with 1 on denials (deny) or on warnings too (warn)
    #[arg(long, value_enum, value_name = "ACTION", default_value_t = FailOn::Deny, hide_possible_values = true)]
    pub(crate) fail_on: FailOn,

    #[command(flatten)]
    pub(crate) admission: Admission,

    /// pretty, compact, json, jsonl, sarif, junit, github or markdown; =FILE writes to a file; repeatable
    #[arg(short = 'o', long = "format", value_name = "FORMAT[=FILE]", default_value = "pretty")]
    pub(crate) outputs: Vec<Output>,

    /// Leave out notes, progress and the summary
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Use colours: auto, always or never
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto, hide_possible_values = true)]
    pub(crate) color: Color,
}

impl Check {
    /// Everything to read.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        [self.paths.as_slice(), &self.more].concat()
    }
}

/// The sources of what policies ask.
#[derive(Debug, Args)]
pub(crate) struct Answers {
    /// Inspect images too, in registries, OCI layouts or a recorded session
    #[arg(long, value_name = "registry|DIR|FILE")]
    pub(crate) images: Option<PathBuf>,

    /// Registry whose certificate may be invalid, or that has none; with its port; repeatable
    #[arg(long = "insecure-registry", value_name = "HOST", hide_short_help = true)]
    pub(crate) insecure: Vec<String>,

    /// Seconds to wait for each answer of a registry
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=3600), hide_short_help = true)]
    pub(crate) registry_timeout: u64,

    /// Objects that are in the cluster, for policies that read some; file or directory; repeatable
    #[arg(long, value_name = "PATH", hide_short_help = true)]
    pub(crate) cluster: Vec<PathBuf>,

    /// Record what one policy asks about one object as a session that kwctl replays
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) record: Option<PathBuf>,
}

impl Answers {
    /// Returns `true` if images are inspected in their registries.
    pub(crate) fn asks_registries(&self) -> bool {
        self.images.as_deref().is_some_and(|images| images.as_os_str() == REGISTRY)
    }
}

/// The requests by which the objects reach the cluster.
#[derive(Debug, Args)]
pub(crate) struct Admission {
    /// CREATE, UPDATE or DELETE [default: CREATE; UPDATE with --old]
    #[arg(long, value_parser = operations(), hide_possible_values = true)]
    pub(crate) operation: Option<Operation>,

    /// The objects before an UPDATE, as they are in the cluster
    #[arg(long, value_name = "FILE", required_if_eq("operation", "UPDATE"))]
    pub(crate) old: Option<PathBuf>,

    /// Namespace of objects that do not set one
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub(crate) namespace: String,

    /// User who sends them
    ///
    /// For example, system:serviceaccount:ci:deployer.
    #[arg(long, value_name = "NAME", default_value = "seaworthy")]
    pub(crate) user: String,

    /// Group of the user, in addition to system:authenticated; repeatable
    #[arg(long = "group", value_name = "NAME")]
    pub(crate) groups: Vec<String>,
}

impl Admission {
    /// Refuses old objects for an operation other than UPDATE.
    ///
    /// # Errors
    ///
    /// Names the operation.
    pub(crate) fn require_consistent(&self) -> Result<(), String> {
        match (self.operation, &self.old) {
            (Some(other @ (Operation::Create | Operation::Delete)), Some(_)) => {
                Err(format!("--old is for --operation UPDATE, not for {}", other.name()))
            }
            _ => Ok(()),
        }
    }
}

/// Reads an operation by its name in an AdmissionRequest.
fn operations() -> impl TypedValueParser<Value = Operation> {
    let names = Operation::ALL.map(|operation| {
        PossibleValue::new(operation.name()).help(match operation {
            Operation::Create => "The object is created",
            Operation::Update => "The object replaces an older one",
            Operation::Delete => "The object is deleted",
        })
    });
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Operation>())
}

/// A format of the report, and its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// The format.
    pub(crate) format: Format,
    /// The file to write; standard output without one.
    pub(crate) file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing after =".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        let format = Format::from_str(format, false).map_err(|_| {
            let known: Vec<_> = Format::value_variants().iter().map(|format| format.name()).collect();
            format!("unknown format `{format}`; the formats are: {}", known.join(", "))
        })?;
        Ok(Self { format, file })
    }
}

impl Output {
    /// Refuses outputs that would overwrite each other.
    ///
    /// # Errors
    ///
    /// Names the two formats.
    pub(crate) fn require_distinct(outputs: &[Self]) -> Result<(), String> {
        for (index, output) in outputs.iter().enumerate() {
            if let Some(earlier) = outputs.iter().take(index).find(|earlier| earlier.file == output.file) {
                let place =
                    output.file.as_ref().map_or("standard output".to_owned(), |file| file.display().to_string());
                let (one, other) = (earlier.format.name(), output.format.name());
                return Err(format!(
                    "{one} and {other} both go to {place}; name a file for one: --format {other}=FILE"
                ));
            }
        }
        Ok(())
    }
}

/// The policies that judge; the built-in ones when none is chosen.
#[derive(Debug, Args)]
pub(crate) struct Chosen {
    /// Judge by this built-in policy; repeatable [default: all]
    #[arg(long = "policy", value_name = "NAME")]
    pub(crate) policies: Vec<String>,

    /// Judge by this Kubewarden waPC module; repeatable
    #[arg(long = "module", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Judge by Kubewarden custom resources, a file or directory; repeatable
    #[arg(long = "policies", value_name = "PATH")]
    pub(crate) resources: Vec<PathBuf>,
}

/// The location of the built-in policies.
#[derive(Debug, Args)]
pub(crate) struct Builtin {
    #[cfg_attr(not(feature = "embedded"), doc = "Directory of the built-in modules [default: dist]")]
    #[cfg_attr(feature = "embedded", doc = "Directory of modules to use in place of the built-in ones")]
    #[arg(long, value_name = "DIR", env = "SEAWORTHY_MODULES", hide_short_help = true)]
    pub(crate) modules: Option<PathBuf>,
}

/// The lowest action that makes the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A warning
    Warn,
    /// A denial
    Deny,
}

/// The format of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: every finding with its source line
    Pretty,
    /// For editors, grep and reviewers: one line per finding
    Compact,
    /// For programs: one JSON document
    Json,
    /// For programs: one line of JSON per object
    Jsonl,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For test reports of CI systems
    Junit,
    /// For GitHub Actions: workflow commands, which annotate the changed lines
    Github,
    /// For job summaries and comments: a table
    Markdown,
}

impl Format {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pretty => "pretty",
            Self::Compact => "compact",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Markdown => "markdown",
        }
    }
}

/// The use of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the environment has `NO_COLOR`
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for anstream::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn output(text: &str) -> Result<Output, String> {
        text.parse()
    }

    #[test]
    fn an_output_is_a_format_and_perhaps_a_file() {
        assert_eq!(output("json"), Ok(Output { format: Format::Json, file: None }));
        assert_eq!(output("sarif=a=b.sarif"), Ok(Output { format: Format::Sarif, file: Some("a=b.sarif".into()) }));
        for format in Format::value_variants() {
            assert_eq!(output(format.name()).unwrap().format, *format);
        }
    }

    #[test]
    fn a_wrong_output_says_what_is_right() {
        let known =
            "unknown format `xml`; the formats are: pretty, compact, json, jsonl, sarif, junit, github, markdown";
        assert_eq!(output("xml=a"), Err(known.to_owned()));
        assert_eq!(output("json="), Err("a file name is missing after =".to_owned()));
    }

    #[test]
    fn two_outputs_do_not_share_a_place() {
        let distinct = |texts: [&str; 2]| Output::require_distinct(&texts.map(|text| output(text).unwrap()));
        assert_eq!(distinct(["json", "sarif=a"]), Ok(()));
        assert_eq!(distinct(["json=b", "sarif=a"]), Ok(()));
        let fault = distinct(["json", "sarif"]).unwrap_err();
        assert_eq!(fault, "json and sarif both go to standard output; name a file for one: --format sarif=FILE");
        assert!(distinct(["json=a", "sarif=a"]).is_err());
    }

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
