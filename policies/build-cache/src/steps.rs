//! The steps of an image that are judged, and the rules that they break.

use shared::image::history::{Command, History, Instruction, Step};
use shared::process::{Budget, InstallerAction, InstallerCall, Invocation, step_invocations};

use crate::caches::{CACHES, Cache, State};
use crate::dependencies::Dependencies;
use crate::settings::Scope;

/// The steps that are judged.
pub(crate) struct Steps<'s> {
    history: &'s History<'s>,
    scope: Scope,
    env: &'s [(&'s str, &'s str)],
    budget: &'s Budget,
}

/// What the steps break: for each rule, the steps that do.
#[derive(Default)]
pub(crate) struct Faults {
    pub(crate) updates: Vec<usize>,
    pub(crate) kept: Vec<(usize, &'static Cache)>,
    pub(crate) installs: Vec<(usize, usize, &'static Dependencies)>,
    pub(crate) remote: Vec<usize>,
    pub(crate) upgrades: Vec<usize>,
}

/// What a `RUN` does.
#[derive(Default)]
struct Run {
    updates: bool,
    installs: bool,
    upgrades_all: bool,
    kept: Vec<&'static Cache>,
    dependencies: Vec<&'static Dependencies>,
}

impl<'s> Steps<'s> {
    pub(crate) fn of(
        history: &'s History<'s>,
        scope: Scope,
        env: &'s [(&'s str, &'s str)],
        budget: &'s Budget,
    ) -> Self {
        Self { history, scope, env, budget }
    }

    /// The steps.
    pub(crate) fn judged(&self) -> impl Iterator<Item = &'s Step<'s>> {
        self.history.steps.iter().skip(self.first())
    }

    fn first(&self) -> usize {
        if self.scope == Scope::Own { self.history.base } else { 0 }
    }

    /// The rules that they break.
    pub(crate) fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        // The first step that copied all sources, and what was installed before it.
        let mut copy = None;
        let mut before: Vec<&Dependencies> = Vec::new();
        for (index, step) in self.history.steps.iter().enumerate().skip(self.first()) {
            if copies_all(step) {
                copy.get_or_insert(index);
            }
            if step.instruction == Some(Instruction::Add) && adds_remote(step) {
                faults.remote.push(index);
            }
            let Some(command) = step.command() else { continue };
            let run = self.run(step, &command);
            if run.updates && !run.installs {
                faults.updates.push(index);
            }
            if run.upgrades_all {
                faults.upgrades.push(index);
            }
            if let Some(cache) = run.kept.first() {
                faults.kept.push((index, cache));
            }
            for dependencies in run.dependencies {
                let is_known = !dependencies.is_of_system() && before.iter().any(|known| known.is_same(dependencies));
                match copy {
                    Some(copy) if !is_known => faults.installs.push((index, copy, dependencies)),
                    _ => before.push(dependencies),
                }
            }
        }
        faults
    }

    fn run(&self, step: &Step<'_>, command: &Command<'_>) -> Run {
        let mut run = Run::default();
        let mut states: Vec<State> = CACHES.iter().map(State::of).collect();
        step_invocations(command, self.budget, &mut |invocation| {
            let call = InstallerCall::of(invocation);
            for state in &mut states {
                state.see(invocation, call.as_ref());
            }
            run.dependencies.extend(Dependencies::of(invocation, call.as_ref()));
            let Some(call) = call else {
                run.installs |= run.updates && may_install(invocation);
                return;
            };
            let is_of_system = call.installer.is_of_system();
            match call.action {
                InstallerAction::Update => run.updates |= is_of_system,
                InstallerAction::Install => run.installs |= is_of_system,
                InstallerAction::Upgrade if is_of_system => {
                    run.installs = true;
                    run.upgrades_all |= call.operands().next().is_none();
                }
                _ => {}
            }
        });
        let script = if let Command::Script(script) = command { *script } else { "" };
        let kept = states.iter().filter(|state| state.is_kept).map(|state| state.cache);
        run.kept = kept.filter(|cache| !cache.is_mounted(step.flags) && !cache.is_off(self.env, script)).collect();
        run
    }
}

/// Returns `true` if a program may install packages in a way of its own: `./setup.sh`, `install_packages curl`,
/// `npx playwright install-deps`.
fn may_install(invocation: &Invocation<'_>) -> bool {
    let may = |word: &str| word.contains("install") || word.rsplit('.').next() == Some("sh");
    may(invocation.program) || invocation.arguments.iter().any(|word| may(word.text()))
}

/// Returns `true` if a step copies the whole directory that is built. The classic builder and buildah do not record what they
/// copy, and no builder but kaniko from which stage.
fn copies_all(step: &Step<'_>) -> bool {
    let is_from_stage = step.flags.split_whitespace().any(|flag| flag.starts_with("--from"));
    let is_all = |source: &str| matches!(source, "." | "./" | "*" | "./*");
    step.instruction == Some(Instruction::Copy)
        && !is_from_stage
        && step.copied().is_some_and(|copied| copied.sources.iter().any(|source| is_all(source)))
}

/// Returns `true` if an `ADD` takes something from an address that may serve something else tomorrow.
fn adds_remote(step: &Step<'_>) -> bool {
    let is_remote = |source: &str| source.starts_with("https://") || source.starts_with("http://");
    // The commit of a repository: `https://git.example/app.git#1f3870be274f6c49b3e31a0c6728957f2a5b6c7d`.
    let is_commit = |part: &str| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_pinned =
        |source: &str| source.split_once('#').is_some_and(|(_, part)| part.split(':').next().is_some_and(is_commit));
    !step.flags.contains("--checksum")
        && step
            .copied()
            .is_some_and(|copied| copied.sources.iter().any(|source| is_remote(source) && !is_pinned(source)))
}
