//! Any text as a shell script and as an argument vector.

use serde_json::json;
use shared::process::{Argv, Env, MAX_EVIDENCE, MAX_PARTS, Options, Process, Shell, classify};
use shared::shell::{MAX_BYTES, parse};

use crate::request::of_container;
use crate::{Call, law};

/// There is always an answer, always the same, and a short one; a syntax tree holds nothing but parts of its script.
pub(crate) fn check(input: &[u8]) -> Result<(), String> {
    let Ok(text) = str::from_utf8(input) else { return Ok(()) };
    let parsed = parse(text);
    law(text.len() <= MAX_BYTES || parsed.is_err(), || "a long script is not read".to_owned())?;
    if let Ok(script) = &parsed {
        let mut rest = text;
        for item in &script.list {
            let (_, after) = rest.split_once(item.text).ok_or("a command is not part of its script")?;
            rest = after;
        }
    }
    let arguments: Vec<&str> = text.split(' ').collect();
    let options = Options::default();
    let same = classified(&["sh", "-c", text], &options) == classified(&["sh", "-c", text], &options);
    law(same, || "a script is always judged the same".to_owned())?;
    for shell in [Shell::Dash, Shell::Bash, Shell::Ash] {
        let options = Options { shell, ..Options::default() };
        let script = classified(&["sh", "-c", text], &options);
        is_short(&script)?;
        is_short(&classified(&arguments, &options))?;
    }
    Ok(())
}

/// A container that runs the script, and one with the arguments.
pub(crate) fn calls(input: &[u8]) -> Vec<Call> {
    let text = String::from_utf8_lossy(input);
    let arguments: Vec<&str> = text.split(' ').collect();
    vec![
        of_container(&json!({ "name": "app", "image": "shop/app:1.0.0", "command": ["sh", "-c", text] })),
        of_container(&json!({ "name": "app", "image": "shop/app:1.0.0", "command": arguments })),
    ]
}

fn classified(command: &[&str], options: &Options<'_>) -> Process {
    // Names are known, unknown and absent by turns.
    let env = |name: &str| match name.len().checked_rem(3) {
        Some(0) => Env::Literal("app"),
        Some(1) => Env::Unknown,
        _ => Env::Absent,
    };
    classify(&Argv::compose(Some(command), None, &env), options)
}

fn is_short(process: &Process) -> Result<(), String> {
    let fits = |text: &str| text.chars().count() <= MAX_EVIDENCE && !text.chars().any(char::is_control);
    law(fits(&process.evidence), || format!("evidence is one short line: {:?}", process.evidence))?;
    law(process.fix.as_deref().is_none_or(fits), || format!("a fix is one short line: {:?}", process.fix))?;
    law(process.parts.len() <= MAX_PARTS, || format!("parts are at most {MAX_PARTS}"))
}
