//! `completions` and `man`: made of the command line's own description.

use clap::CommandFactory as _;

use super::fault::Fault;
use crate::args::Arguments;

/// A shell completion script.
pub(super) fn completions(shell: clap_complete::Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "seaworthy", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The manual page of the whole command, or of one of its commands.
pub(super) fn man(command: Option<&str>) -> Result<String, Fault> {
    let mut whole = Arguments::command();
    whole.build();
    let title = command.map_or("seaworthy".to_owned(), |name| format!("seaworthy-{name}"));
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
