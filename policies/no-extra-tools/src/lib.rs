//! Tools that an app does not need, and an intruder does. Reasons and settings: README.

mod called;
mod installed;
mod minimal;
mod settings;
mod tools;

use called::Called;
use installed::Installed;
use settings::Settings;
use shared::image::history::History;
use shared::prelude::*;
use tools::Kind;

policy! {
    /// Images hold no tools that their apps do not need.
    pub struct NoExtraTools: Facts {
        title: "No extra tools",
        category: Category::IMAGES,
        guide: Guide::building("Remove unnecessary tools", "remove_unnecessary_tools"),
        // An init container may wait by nc; one for debugging brings its tools.
        containers: ClassActions::enforce_long_running(),
        // A parser of shell scripts, in addition to what inspects images.
        kilobytes: 250,
        ..Facts::DEFAULT
    }
    inspects: Configurations,
    reads: [command_line, post_start, pre_stop, probes],
    rules: {
        /// An image installs, or a command calls, a tool by which an intruder opens a way in or out.
        REMOTE_ACCESS_TOOL = "remote-access-tool": Deny covers ["image-entrypoint/ssh", "single-process/ssh"],
        /// An image installs, or a command calls, another tool that an intruder uses.
        EXTRA_TOOL = "extra-tool": Warn,
        /// An image that is expected to hold nothing but an app holds a shell.
        NOT_MINIMAL = "not-minimal": Warn,
    }
}

impl Policy for NoExtraTools {
    type Settings = Settings;

    fn validate(settings: &Settings, faults: &mut Faults) {
        settings.validate(faults);
    }

    fn platforms(settings: &Settings) -> &Platforms {
        &settings.platforms
    }

    fn check_container(check: &Check<'_, Settings>, container: &Container<'_>, findings: &mut Findings) -> Checked {
        let [command, hooks @ ..] = [container.command_line()?, container.post_start()?, container.pre_stop_command()?];
        let called = |command: &[&str], args: &[&str]| Called::of(check.settings, command, args, check.budget);
        findings.add(&command, called(&command.command, &command.args).found("do this in the app"));
        for hook in hooks {
            findings.add(&hook, called(&hook.command, &[]).found("use a hook without a command"));
        }
        for probe in container.probes(&[])? {
            let words: Vec<&str> = probe.command.value.iter().flat_map(|words| words.split('\0')).collect();
            findings.add(&probe.command, called(&words, &[]).found("use a probe of type httpGet, tcpSocket or grpc"));
        }
        Ok(())
    }

    fn is_left_to_image(_: &Check<'_, Settings>, image: &PodImage<'_>) -> Result<bool, Malformed> {
        // Nothing of a volume is started.
        Ok(image.container().is_some())
    }

    fn check_inspected_image(
        check: &Check<'_, Settings>,
        image: &PodImage<'_>,
        inspected: &Inspected<'_>,
        findings: &mut Findings,
    ) -> Inspection {
        let Some(container) = image.container() else { return Ok(()) };
        let unreadable = |error| inspected.unreadable(error);
        let config = inspected.configuration()?;
        let history = History::read(&config, &[]).map_err(unreadable)?;
        let installed = Installed::of(check.settings, &history, check.budget);
        findings.add(image, installed.found(&history, Kind::RemoteAccess, &REMOTE_ACCESS_TOOL));
        findings.add(image, installed.found(&history, Kind::Extra, &EXTRA_TOOL));
        let command_line = container.command_line()?;
        let start = config.start(&command_line.command, &command_line.args).map_err(unreadable)?;
        let started = Called::of(check.settings, &start.image, &[], check.budget);
        findings.add(image, started.found("start something else"));
        if check.settings.expects_minimal(image) {
            findings.add(image, minimal::check(&history, &start));
        }
        Ok(())
    }
}
