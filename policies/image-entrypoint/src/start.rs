//! What a container starts by its image, and the rules that it breaks.

use shared::image::redacted;
use shared::pod::Hook;
use shared::prelude::*;
use shared::process::{Apps, AppsFault, Behaviour, Namespace, Options, Pid1, Process, SignalFault};

use crate::settings::Settings;
use crate::{
    BROKEN_COMMAND, CRON, DAEMONS, IMPLICIT_EXEC, INCOMPLETE_TRAP, LOG_TAILER, LOSSY_RUNNER, MANAGER, NEEDS_PID1,
    NOTHING_TO_RUN, RUNNER_BEHIND_INIT, SHELL_BEHIND_INIT, SHELL_MULTI, SHELL_PID1, SSH,
};

/// The words before every problem: it is not the manifest that says so.
const BY_IMAGE: &str = "by its image, ";

/// Judges what a container without a `command` starts.
pub(crate) fn check_start(
    check: &Check<'_, Settings>,
    container: &Container<'_>,
    inspected: &Inspected<'_>,
    report: &mut dyn FnMut(Found),
) -> Inspection {
    let Check { settings, pod, budget, .. } = *check;
    let (command_line, hook) = (container.command_line()?, container.pre_stop()?);
    let unreadable = |error| inspected.unreadable(error);
    let config = inspected.configuration()?;
    let start = config.start(&[], &command_line.args).map_err(unreadable)?;
    let image_signal = config.stop_signal().map_err(unreadable)?;
    if start.image.is_empty() && start.manifest.is_empty() {
        let problem =
            "its image has neither ENTRYPOINT nor CMD, and the manifest no command, so that nothing can be started";
        report(NOTHING_TO_RUN.found(problem, "set command"));
        return Ok(());
    }
    let signal = signal(container.stop_signal()?.value.unwrap_or(image_signal));
    let stop_signal = signal.strip_prefix("SIG").unwrap_or(&signal);
    let options = Options { shell: settings.shell, stop_signal, init_binaries: &settings.init_binaries };
    let process = without_secrets(Process::of_image(container, &start, &options, budget)?);
    let namespace = Namespace::of(pod)?;
    let is_behind = namespace == Namespace::Shared || process.init.is_some();
    let pid1 = Pid1 { process: &process, namespace, signal: &signal, is_behind };
    let is_allowed = process.behaviour == Behaviour::LossyRunner && settings.allow_runners.contains(&process.program);
    // The hook may stop the app before the signal.
    let only_warns = pod.runs_to_completion()? || pid1.is_about_signal() && hook.as_ref().is_some_and(Hook::may_stop);
    if let Some(fault) = pid1.fault().filter(|_| !is_allowed) {
        let place = if start.manifest.is_empty() { "in the image, " } else { "in the image or in args, " };
        let place = if fault.kind == SignalFault::NeedsPid1 { "" } else { place };
        let found = signal_rule(fault.kind).found([BY_IMAGE, &fault.problem].concat(), [place, &fault.fix].concat());
        report(if only_warns { found.only_warns() } else { found });
    }
    for fault in Apps::of(&process).faults(&settings.allow_managers) {
        if let Some(rule) = apps_rule(fault.kind) {
            report(rule.found([BY_IMAGE, &fault.problem].concat(), fault.fix));
        }
    }
    Ok(())
}

/// The name of a signal, which images also give without `SIG`, in small letters or as a number. What no signal is called
/// counts as the one that stops containers by default.
///
/// Source: moby/sys, `signal.ParseSignal`; numbers: Linux, signal(7).
fn signal(text: &str) -> String {
    let text = text.to_ascii_uppercase();
    let name = match text.strip_prefix("SIG").unwrap_or(&text) {
        "1" => "HUP",
        "2" => "INT",
        "3" => "QUIT",
        "9" => "KILL",
        "10" => "USR1",
        "12" => "USR2",
        name if is_name(name) => name,
        _ => "TERM",
    };
    ["SIG", name].concat()
}

/// Returns `true` for names such as `QUIT` and `RTMIN+3`.
fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-');
    text.len() <= "RTMIN+15".len()
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(is_plain)
}

/// A process whose excerpts hide what may be a secret: those of a manifest are shown to who wrote them, those of an image to
/// others.
fn without_secrets(process: Process) -> Process {
    let evidence = redacted(&process.evidence);
    // What is hidden cannot be copied.
    let fix = process.fix.filter(|fix| redacted(fix) == *fix);
    Process { evidence, fix, ..process }
}

fn signal_rule(fault: SignalFault) -> &'static Rule {
    match fault {
        SignalFault::ShellPid1 => &SHELL_PID1,
        SignalFault::ShellBehindInit => &SHELL_BEHIND_INIT,
        SignalFault::IncompleteTrap => &INCOMPLETE_TRAP,
        SignalFault::ImplicitExec => &IMPLICIT_EXEC,
        SignalFault::LossyRunner => &LOSSY_RUNNER,
        SignalFault::RunnerBehindInit => &RUNNER_BEHIND_INIT,
        SignalFault::NeedsPid1 => &NEEDS_PID1,
        SignalFault::BrokenCommand => &BROKEN_COMMAND,
    }
}

/// The rule of a fault. Pipelines and programs one after another are common in images, and harmless.
fn apps_rule(fault: AppsFault) -> Option<&'static Rule> {
    Some(match fault {
        AppsFault::Manager => &MANAGER,
        AppsFault::ShellMulti => &SHELL_MULTI,
        AppsFault::Daemons => &DAEMONS,
        AppsFault::Ssh => &SSH,
        AppsFault::Cron => &CRON,
        AppsFault::LogTailer => &LOG_TAILER,
        AppsFault::Pipeline | AppsFault::Sequence => return None,
    })
}
