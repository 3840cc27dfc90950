//! The process of a container: its command line, with the variables of its `env`.

use std::cell::Cell;

use super::argv::{Argv, Env};
use super::behaviour::Behaviour;
use super::budget::Budget;
use super::model::{PartKind, Process};
use super::options::Options;
use super::program::classify_within;
use crate::image::Start;
use crate::malformed::Malformed;
use crate::pod::{CommandLine, Container, EnvVar};
use crate::text::has_part;

/// The most variables that are compared with the references of a command; the rest counts as unknown.
const MAX_ENV_STEPS: usize = 1_000_000;

impl Process {
    /// The process of a container, as far as `command`, `args` and `env` show it. `evidence` and `fix` show the
    /// references to variables as they are written, because their values can be secrets.
    ///
    /// # Errors
    /// One of the fields is ill-typed; `env` matters only where the command refers to it.
    pub fn of<'a>(container: &Container<'a>, options: &Options<'_>, budget: &Budget) -> Result<Self, Malformed> {
        let CommandLine { command, args, .. } = container.command_line()?;
        let manifest = [command.as_slice(), &args].concat();
        let classified = |env: &dyn Fn(&str) -> Env<'a>| {
            classify_within(budget, &Argv::compose(Some(&command), Some(&args), env), options)
        };
        Self::judged(container, &[], &manifest, classified)
    }

    /// The same for a container that starts what its image says, too.
    ///
    /// # Errors
    /// `env` is ill-typed, and `args` refers to it.
    pub fn of_image<'a>(
        container: &Container<'a>,
        start: &Start<'_>,
        options: &Options<'_>,
        budget: &Budget,
    ) -> Result<Self, Malformed> {
        let classified = |env: &dyn Fn(&str) -> Env<'a>| {
            classify_within(budget, &Argv::started(&start.image, &start.manifest, env), options)
        };
        Self::judged(container, &start.image, &start.manifest, classified)
    }

    /// Classifies the words of an image and those of a manifest, in which references are replaced.
    fn judged<'a>(
        container: &Container<'a>,
        image: &[&str],
        manifest: &[&str],
        classified: impl Fn(&dyn Fn(&str) -> Env<'a>) -> Self,
    ) -> Result<Self, Malformed> {
        if !manifest.iter().any(|element| element.contains('$')) {
            return Ok(classified(&|_| Env::Absent));
        }
        let env = variables(container)?;
        let has_sources = container.has_env_from()?;
        let left = Cell::new(MAX_ENV_STEPS);
        let shows_values = Cell::new(false);
        let judged = classified(&|name| {
            left.set(left.get().saturating_sub(env.len()));
            if left.get() == 0 {
                return Env::Unknown;
            }
            // The last of several variables of a name wins.
            match env.iter().rev().find(|(known, _)| *known == name) {
                Some((_, value)) => {
                    shows_values.set(shows_values.get() || *value != Env::Unknown);
                    *value
                }
                // The kubelet adds variables for the services of the namespace.
                None if has_sources || has_part(name, "_SERVICE_") || has_part(name, "_PORT") => {
                    Env::from_sources(name)
                }
                None => Env::Absent,
            }
        });
        if !shows_values.get() {
            return Ok(judged);
        }
        let written = classified(&|name| Env::from_sources(name));
        // A value can hold what a shell takes for a command: a password with `&` in it.
        let is_shown =
            |name: &str| name.is_empty() || image.iter().chain(manifest).any(|element| has_part(element, name));
        let mut parts = judged.parts.clone();
        for part in parts.iter_mut().filter(|part| part.kind == PartKind::Program && !is_shown(&part.name)) {
            let first = judged.parts.iter().position(|other| other.name == part.name).unwrap_or_default();
            part.name = format!("(variable {first})");
        }
        let is_known = matches!(judged.behaviour, Behaviour::LossyRunner | Behaviour::Manager { .. });
        let (evidence, fix) = if written.behaviour == judged.behaviour {
            (written.evidence, written.fix)
        } else if is_known || is_shown(&judged.program) {
            (judged.program.clone(), None)
        } else {
            ("(variable)".to_owned(), None)
        };
        Ok(Process { evidence, fix, parts, ..judged })
    }
}

/// The names and values of `env`.
fn variables<'a>(container: &Container<'a>) -> Result<Vec<(&'a str, Env<'a>)>, Malformed> {
    let variable = |EnvVar { name, value, has_source, .. }: EnvVar<'a>| {
        // The kubelet replaces references in values, too.
        (name, if has_source || value.contains('$') { Env::Unknown } else { Env::Literal(value) })
    };
    Ok(container.env()?.into_iter().map(variable).collect())
}
