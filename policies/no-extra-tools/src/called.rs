//! Tools that a command calls.

use shared::prelude::*;
use shared::process::{Budget, invocations};

use crate::settings::Settings;
use crate::tools::{self, Kind};
use crate::{EXTRA_TOOL, REMOTE_ACCESS_TOOL};

/// The tools that a command calls, each once, in the order of the text.
pub(crate) struct Called(Vec<(Kind, String)>);

impl Called {
    pub(crate) fn of(settings: &Settings, command: &[&str], args: &[&str], budget: &Budget) -> Self {
        let mut called: Vec<(Kind, String)> = Vec::new();
        let mut see = |name: &str| {
            if let Some(kind) = tools::of_program(settings, name)
                && !called.iter().any(|(_, known)| known == name)
            {
                called.push((kind, name.to_owned()));
            }
        };
        let first = |words: &str| words.rsplit('/').next().unwrap_or_default().to_owned();
        // sudo starts something else, which is the program.
        if let Some(launcher) = command.iter().chain(args).next() {
            see(&first(launcher));
        }
        invocations(command, args, budget, &mut |invocation| {
            see(&first(invocation.text.split_whitespace().next().unwrap_or_default()));
            see(invocation.program);
            // `busybox nc`
            if invocation.program == "busybox"
                && let Some(applet) = invocation.known(0)
            {
                see(applet);
            }
        });
        Self(called)
    }

    /// A finding for each rule. `instead` is what to do without the tool.
    pub(crate) fn found(self, instead: &str) -> Vec<Found> {
        let rules = [(Kind::RemoteAccess, &REMOTE_ACCESS_TOOL), (Kind::Extra, &EXTRA_TOOL)];
        let found = rules.into_iter().filter_map(|(kind, rule)| {
            let names: Vec<_> =
                self.0.iter().filter(|(of, _)| *of == kind).map(|(_, name)| quote(name).to_string()).collect();
            let problem = format!("it calls {}, which an intruder can use too", names.join(", "));
            (!names.is_empty()).then(|| rule.found(problem, format!("{instead}, and leave the tool out of the image")))
        });
        found.collect()
    }
}
