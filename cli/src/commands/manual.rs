//! `completions` and `man`: made of the command line's own description.

use std::fmt::Write as _;

use clap::builder::PossibleValuesParser;
use clap::{CommandFactory as _, ValueEnum as _};
use clap_complete::Shell;

use super::fault::Fault;
use crate::args::{self, Arguments, Format};
use crate::policies::Builtin;

/// The name of the program.
const NAME: &str = "seaworthy";

/// A shell completion script, which knows policies, rules and formats. Where the built-in modules cannot be read, it knows
/// no policies.
pub(super) fn completions(shell: Shell, builtin: &args::Builtin) -> String {
    let builtin = Builtin::open(builtin).unwrap_or_default();
    let mut command = Arguments::command();
    for (name, argument, words) in words(&builtin) {
        if !words.is_empty() {
            let known = PossibleValuesParser::new(words);
            command = command
                .mut_subcommand(name, |command| command.mut_arg(argument, |argument| argument.value_parser(known)));
        }
    }
    command.build();
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, NAME, &mut text);
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if shell == Shell::Fish {
        text.push_str(&positional(&command));
    }
    text
}

/// Words that only this run knows: the command and the argument that take them.
fn words(builtin: &Builtin) -> [(&'static str, &'static str, Vec<String>); 7] {
    let policies: Vec<String> = builtin.names().map(str::to_owned).collect();
    let single = builtin.names().filter_map(|name| Some((name, builtin.entry(name)?)));
    let single = single.filter(|(_, entry)| entry.combines.is_empty());
    let rules = single.flat_map(|(name, entry)| entry.rules.iter().map(move |rule| (name, &rule.id)));
    let rules: Vec<String> = rules.flat_map(|(name, id)| [format!("{name}/{id}"), id.clone()]).collect();
    let mut topics = [policies.as_slice(), &rules].concat();
    topics.sort();
    topics.dedup();
    let formats = Format::value_variants().iter().map(|format| format.name().to_owned()).collect();
    let commands = Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    [
        ("check", "policies", policies.clone()),
        ("check", "outputs", formats),
        ("explain", "topic", topics),
        ("schema", "policy", policies.clone()),
        ("manifest", "policy", policies.clone()),
        ("inspect", "module", policies),
        ("man", "command", commands),
    ]
}

/// The words of arguments without an option, which the generator for fish leaves out.
fn positional(command: &clap::Command) -> String {
    let mut text = String::new();
    for command in command.get_subcommands() {
        for argument in command.get_positionals() {
            let words: Vec<String> =
                argument.get_possible_values().iter().map(|word| word.get_name().to_owned()).collect();
            if !words.is_empty() {
                // Writing to a string cannot fail.
                let _ = writeln!(
                    text,
                    "complete -c {NAME} -n \"__fish_{NAME}_using_subcommand {}\" -a \"{}\"",
                    command.get_name(),
                    words.join(" ")
                );
            }
        }
    }
    text
}

/// The manual page of the whole command, or of one of its commands.
pub(super) fn man(command: Option<&str>) -> Result<String, Fault> {
    let mut whole = Arguments::command();
    whole.build();
    let title = command.map_or(NAME.to_owned(), |name| format!("{NAME}-{name}"));
    let page = match command {
        None => Some(&whole),
        Some(name) => whole.get_subcommands().find(|command| command.get_name() == name),
    };
    let page = page.cloned().ok_or_else(|| Fault::Command {
        name: command.unwrap_or_default().to_owned(),
        known: whole.get_subcommands().map(clap::Command::get_name).collect::<Vec<_>>().join(", "),
    })?;
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(page).title(title).render(&mut text);
    Ok(String::from_utf8_lossy(&text).into_owned())
}
