//! `test`: the cases of a policy through its module.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use host::{HostError, Module};
use rayon::prelude::*;
use testing::{Case, Recorded};

use super::fault::Fault;
use crate::args;
use crate::policies::{Builtin, require};

/// Replays every case of a directory; gives the report and the exit code.
pub(super) fn test(cases: &Path, module: Option<&Path>, builtin: &args::Builtin) -> Result<(String, u8), Fault> {
    let is_ours = module.is_none();
    // Whoever names a policy means its cases.
    let below = cases.join("cases");
    let cases = if below.is_dir() { &below } else { cases };
    let Subject { name, module, members } = match module {
        Some(file) => Subject {
            name: file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            module: Module::from_file(file),
            members: Vec::new(),
        },
        None => ours(owner(cases), builtin)?,
    };
    let module = module.map_err(|error| Fault::Module { name: name.clone(), reason: error.to_string() })?;
    let cases = testing::load(cases).map_err(Fault::Cases).and_then(|found| {
        let none = || Fault::Cases(format!("{}: no case file (*.yaml) found", cases.display()));
        if found.is_empty() { Err(none()) } else { Ok(found) }
    })?;
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let cases: Vec<Case> = cases.into_iter().map(|case| case.among(&members)).collect();
    let engine = |operation: &str, payload: &[u8], host: &Arc<Recorded>| {
        let failed = |error: HostError| error.to_string();
        if !host.has_answers() {
            return module.call(operation, payload).map_err(failed);
        }
        let host = Arc::clone(host);
        let answers =
            move |namespace: &str, operation: &str, payload: &[u8]| host.answer(namespace, operation, payload);
        let module = module.clone().with_capabilities(Arc::new(answers)).map_err(failed)?;
        module.call(operation, payload).map_err(failed)
    };
    let replay =
        |case: &Case| if is_ours { case.replay(&name, &engine) } else { case.replay_as_written(&name, &engine) };
    let outcomes: Vec<_> = cases.par_iter().map(|case| (&case.name, replay(case))).collect();

    let mut text = String::new();
    let mut failed: usize = 0;
    for (name, outcome) in outcomes {
        // Writing to a string cannot fail.
        let _ = match outcome {
            Ok(()) => writeln!(text, "ok    {name}"),
            Err(difference) => {
                failed += 1;
                writeln!(text, "FAIL  {name}\n      {}\n", difference.replace('\n', "\n      "))
            }
        };
    }
    let _ = writeln!(text, "{} passed, {failed} failed", cases.len() - failed);
    Ok((text, if failed == 0 { args::CLEAN } else { args::FINDINGS }))
}

/// The module that is tested.
struct Subject {
    name: String,
    module: Result<Module, HostError>,
    /// The policies that the module holds, when it holds several.
    members: Vec<String>,
}

/// The built-in module of this name.
fn ours(name: String, builtin: &args::Builtin) -> Result<Subject, Fault> {
    let builtin = Builtin::open(builtin)?;
    require(&name, builtin.names())?;
    let bytes = builtin.bytes(&name).map_err(|reason| Fault::Module { name: name.clone(), reason })?;
    let members = builtin.entry(&name).map(|entry| entry.combines.clone()).unwrap_or_default();
    Ok(Subject { name, module: Module::from_bytes(&bytes), members })
}

/// The policy that a directory of cases is named after: `no-latest` of `policies/no-latest/cases`.
fn owner(cases: &Path) -> String {
    let cases = std::path::absolute(cases).unwrap_or_else(|_| cases.to_path_buf());
    let directory = if cases.ends_with("cases") { cases.parent().unwrap_or(&cases) } else { &cases };
    directory.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
