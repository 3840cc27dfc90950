//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Exit code: nothing to complain about.
pub(crate) const CLEAN: u8 = 0;
/// Exit code: a policy denies something.
pub(crate) const FINDINGS: u8 = 1;
/// Exit code: the command line, the settings or the modules are wrong. The same as clap's own.
pub(crate) const USAGE: u8 = 2;
/// Exit code: something could not be read or judged.
pub(crate) const UNREADABLE: u8 = 3;

/// Judges Kubernetes manifests with the same policy modules that a cluster runs.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge manifests as the cluster would
    Check(Check),
    /// List the built-in policies
    List {
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Tell why a policy or a rule is there, with examples
    Explain {
        /// The policy, or one rule of it
        #[arg(value_name = "POLICY[/RULE]")]
        topic: String,
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
        /// What the policy is to do
        #[arg(long = "for", value_enum, value_name = "PURPOSE", default_value_t = Purpose::Monitor)]
        purpose: Purpose,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Tell what a module says of itself and what it needs
    Inspect {
        /// A WebAssembly module, or the name of a built-in policy
        #[arg(value_name = "FILE|POLICY")]
        module: String,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Replay the cases of a policy through its module
    ///
    /// A module of a file is asked what the cases say. A built-in policy is also asked what follows from them:
    /// all nine kinds that hold pods, updates, deletions, and lists of containers that are none.
    Test {
        /// The directory of the case files (*.yaml)
        #[arg(value_name = "DIR")]
        cases: PathBuf,
        /// The module [default: the built-in policy that DIR is named after]
        #[arg(long, value_name = "FILE")]
        module: Option<PathBuf>,
        #[command(flatten)]
        builtin: Builtin,
    },
    /// Print what makes a shell complete the command line
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// The command it is about [default: all of them in short]
        command: Option<String>,
    },
}

/// What a policy is to do in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Purpose {
    /// Watch, and report what it would reject
    Monitor,
    /// Reject
    Protect,
    /// Reject in one namespace
    Namespaced,
    /// Be the first of a group
    Group,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  no finding (warnings do not count)
  1  a policy denies an object
  2  wrong usage, settings or modules; nothing was judged
  3  a file or document could not be read, or a policy gave no verdict on an object; everything else was judged
     and printed, and findings do not change this code";

/// `seaworthy check`
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Check {
    /// Files, directories (all *.yaml, *.yml and *.json below), or - for standard input
    ///
    /// Manifests in YAML or JSON, several documents in a file, Lists, and whole admission requests and
    /// reviews, which are judged as they are. A manifest is judged as if it were created.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) chosen: Chosen,

    /// A YAML or JSON file of settings by policy name
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) builtin: Builtin,

    /// From what on the exit code is 1
    #[arg(long, value_enum, value_name = "ACTION", default_value_t = FailOn::Deny)]
    pub(crate) fail_on: FailOn,

    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Pretty)]
    pub(crate) format: Format,

    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

/// Which policies judge; the built-in ones when nothing is chosen.
#[derive(Debug, Args)]
pub(crate) struct Chosen {
    /// A built-in policy to judge with; may be repeated [default: all]
    #[arg(long = "policy", value_name = "NAME")]
    pub(crate) policies: Vec<String>,

    /// A Kubewarden waPC module to judge with; may be repeated
    ///
    /// It is asked about what the rules in its metadata name, and is called like its file.
    #[arg(long = "module", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Kubewarden's custom resources that define policies; may be repeated
    ///
    /// A file or directory of `ClusterAdmissionPolicy`, `AdmissionPolicy` and groups of them. Their rules,
    /// settings, modes and selectors count as in a cluster. Modules are files (`file:///…`, or a path from
    /// the file on), or built-in policies that a registry's reference names with their version.
    #[arg(long = "policies", value_name = "PATH")]
    pub(crate) resources: Vec<PathBuf>,
}

/// Where the built-in policies are.
#[derive(Debug, Args)]
pub(crate) struct Builtin {
    #[cfg_attr(not(feature = "embedded"), doc = "The directory of the built-in modules [default: dist]")]
    #[cfg_attr(feature = "embedded", doc = "A directory of modules to use in place of the built-in ones")]
    #[arg(long, value_name = "DIR", env = "SEAWORTHY_MODULES")]
    pub(crate) modules: Option<PathBuf>,
}

/// What makes the command fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A warning
    Warn,
    /// A denial
    Deny,
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: one finding per line, grouped by file and object
    Pretty,
    /// For programs: one JSON document
    Json,
}

/// When colours are used.
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

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
