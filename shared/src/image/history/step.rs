//! One step of a history, in the form of its builder.

use std::borrow::Cow;

use super::command::{Command, after_shell, build_args, command, words};
use crate::image::config::Entry;
use crate::image::redact::redacted;
use crate::text::{excerpt, rsplit_part};

/// A program that builds images, by the form of the step that it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// The builder of Docker before BuildKit: `/bin/sh -c make`, `/bin/sh -c #(nop)  CMD ["app"]`. What buildah writes
    /// in the same way counts as this one.
    ///
    /// Source: moby, `builder/dockerfile/dispatchers.go`.
    Classic,
    /// `RUN /bin/sh -c make # buildkit`. Flags of `RUN` and `--from` of `COPY` are left out.
    ///
    /// Source: moby/buildkit, `frontend/dockerfile/dockerfile2llb/convert.go`.
    BuildKit,
    /// Like [`Builder::Classic`], but with the line of the Dockerfile as it is: with flags of `RUN`, lists in JSON, and
    /// here-documents, which lack their last line. It adds notes of its own at the end.
    ///
    /// Source: containers/buildah, `StageExecutor.getCreatedBy`.
    Buildah,
    /// kaniko, which writes the lines of the Dockerfile, and others that do.
    Kaniko,
    /// Another program, or nothing at all.
    Unknown,
}

/// An instruction of a Dockerfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// `ADD`
    Add,
    /// `ARG`
    Arg,
    /// `CMD`
    Cmd,
    /// `COPY`
    Copy,
    /// `ENTRYPOINT`
    Entrypoint,
    /// `ENV`
    Env,
    /// `EXPOSE`
    Expose,
    /// `HEALTHCHECK`
    Healthcheck,
    /// `LABEL`
    Label,
    /// `MAINTAINER`
    Maintainer,
    /// `ONBUILD`
    Onbuild,
    /// `RUN`
    Run,
    /// `SHELL`
    Shell,
    /// `STOPSIGNAL`
    StopSignal,
    /// `USER`
    User,
    /// `VOLUME`
    Volume,
    /// `WORKDIR`
    Workdir,
}

/// The instructions by their names.
const INSTRUCTIONS: &[(&str, Instruction)] = &[
    ("ADD", Instruction::Add),
    ("ARG", Instruction::Arg),
    ("CMD", Instruction::Cmd),
    ("COPY", Instruction::Copy),
    ("ENTRYPOINT", Instruction::Entrypoint),
    ("ENV", Instruction::Env),
    ("EXPOSE", Instruction::Expose),
    ("HEALTHCHECK", Instruction::Healthcheck),
    ("LABEL", Instruction::Label),
    ("MAINTAINER", Instruction::Maintainer),
    ("ONBUILD", Instruction::Onbuild),
    ("RUN", Instruction::Run),
    ("SHELL", Instruction::Shell),
    ("STOPSIGNAL", Instruction::StopSignal),
    ("USER", Instruction::User),
    ("VOLUME", Instruction::Volume),
    ("WORKDIR", Instruction::Workdir),
];

/// The mark of steps that are no commands, in the classic form.
const NO_OPERATION: &str = "#(nop)";
/// The suffix of steps that changed files, in the form of BuildKit.
const BUILDKIT_SUFFIX: &str = " # buildkit";
/// The beginning of the comment of every step of BuildKit.
const BUILDKIT_COMMENT: &str = "buildkit.";
/// The author of every step of kaniko.
const KANIKO: &str = "kaniko";
/// The beginning of the comment of a step of buildah, which names the base image.
const BUILDAH_COMMENT: &str = "FROM ";

/// A layer of an image, as its manifest describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its place in the manifest, from 0.
    pub index: usize,
    /// The compressed size in bytes.
    pub size: u64,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'c> {
    /// The program that wrote it.
    pub builder: Builder,
    /// The instruction, if it is one of a Dockerfile.
    pub instruction: Option<Instruction>,
    /// The build arguments of a `RUN`. Their values are no secret to whoever may pull the image.
    pub build_args: Vec<(&'c str, &'c str)>,
    /// The flags of `RUN`, `COPY` or `ADD`, as far as the builder records them.
    pub flags: &'c str,
    /// The arguments of the instruction, without flags and without all that the builder adds: the shell, build arguments
    /// and notes. Without an instruction, the whole text.
    pub text: &'c str,
    /// It made a layer.
    pub made_layer: bool,
    /// The layer, if the manifest shows which one it is.
    pub layer: Option<Layer>,
    /// The command of a `RUN` was in a shell, as far as the form shows it.
    in_shell: bool,
}

/// The files that a `COPY` or an `ADD` copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied<'c> {
    /// The sources, as written. The classic builder and buildah write digests instead: `file:…`, `dir:…` or `multi:…`.
    pub sources: Vec<Cow<'c, str>>,
    /// The destination.
    pub destination: Cow<'c, str>,
}

impl<'c> Step<'c> {
    /// Reads an entry of a history.
    pub(super) fn of(entry: Entry<'c>) -> Self {
        let text = entry.created_by.trim();
        let new = |builder, instruction, text| Self {
            builder,
            instruction,
            build_args: Vec::new(),
            flags: "",
            text,
            made_layer: !entry.empty_layer,
            layer: None,
            in_shell: false,
        };
        let by_buildkit = text.strip_suffix(BUILDKIT_SUFFIX);
        let line = by_buildkit.unwrap_or(text);
        let by_kaniko = entry.author == KANIKO;
        if let Some((instruction, arguments)) = dockerfile_line(line, by_kaniko) {
            let is_buildkit = by_buildkit.is_some() || entry.comment.starts_with(BUILDKIT_COMMENT);
            let builder = if is_buildkit { Builder::BuildKit } else { Builder::Kaniko };
            return new(builder, Some(instruction), arguments).with_arguments();
        }
        let by_buildah = entry.comment.starts_with(BUILDAH_COMMENT);
        let builder = if by_buildah { Builder::Buildah } else { Builder::Classic };
        if let Some(nop) = after_shell(text).and_then(|script| script.strip_prefix(NO_OPERATION))
            && let Some((instruction, arguments)) = dockerfile_line(nop.trim_start(), true)
        {
            return new(builder, Some(instruction), arguments).without_notes().with_arguments();
        }
        if build_args(text).is_some() || after_shell(text).is_some() {
            return new(builder, Some(Instruction::Run), text).without_notes().with_arguments();
        }
        new(Builder::Unknown, None, text)
    }

    /// The command of a `RUN`.
    #[must_use]
    pub fn command(&self) -> Option<Command<'c>> {
        let is_run = self.instruction == Some(Instruction::Run);
        is_run.then(|| command(self.text, self.in_shell))
    }

    /// The files of a `COPY` or an `ADD`.
    #[must_use]
    pub fn copied(&self) -> Option<Copied<'c>> {
        if !matches!(self.instruction, Some(Instruction::Copy | Instruction::Add)) {
            return None;
        }
        let mut sources = words(self.text);
        let destination = sources.pop()?;
        // `file:… in /app`
        if matches!(self.builder, Builder::Classic | Builder::Buildah)
            && sources.last().is_some_and(|word| word == "in")
        {
            sources.pop();
        }
        Some(Copied { sources, destination })
    }

    /// The step as a message may quote it: one short line, without secrets, flags, and values of variables.
    #[must_use]
    pub fn shown(&self) -> String {
        let name = INSTRUCTIONS.iter().find(|(_, instruction)| Some(*instruction) == self.instruction);
        let mut line = String::new();
        if let Some((name, _)) = name {
            line.push_str(name);
            line.push(' ');
        }
        if matches!(self.instruction, Some(Instruction::Arg | Instruction::Env)) {
            // Values can have blanks in them, so that only the first name is certain.
            let name = self.text.split(['=', ' ']).next().unwrap_or_default();
            line.push_str(name);
        } else {
            line.push_str(&redacted(self.text));
        }
        excerpt(&line)
    }

    /// Takes apart the arguments: build arguments, the shell and flags.
    fn with_arguments(mut self) -> Self {
        match self.instruction {
            Some(Instruction::Run) => {
                if let Some((arguments, rest)) = build_args(self.text) {
                    self.build_args = arguments;
                    self.text = rest;
                }
                if self.builder == Builder::Kaniko {
                    self.in_shell = true;
                } else if let Some(script) = after_shell(self.text) {
                    self.in_shell = true;
                    self.text = script;
                }
                if self.builder != Builder::BuildKit {
                    (self.flags, self.text) = flags(self.text);
                }
                if !self.flags.is_empty() {
                    self.text = without_checksums(self.text);
                }
                let is_copied = !self.flags.is_empty() || self.text.starts_with("<<") || self.text.starts_with("[\"");
                if is_copied && self.builder == Builder::Classic {
                    self.builder = Builder::Buildah;
                }
            }
            Some(Instruction::Copy | Instruction::Add) => (self.flags, self.text) = flags(self.text),
            _ => {}
        }
        self
    }

    /// Without the notes that buildah adds at the end: `|inheritLabels=false`.
    fn without_notes(mut self) -> Self {
        while let Some((before, note)) = self.text.rsplit_once('|')
            && note.split_once('=').is_some_and(|(name, value)| {
                name.starts_with(|first: char| first.is_ascii_lowercase())
                    && name.bytes().all(|byte| byte.is_ascii_alphabetic())
                    && !value.contains(char::is_whitespace)
            })
        {
            self.text = before.trim_end();
            self.builder = Builder::Buildah;
        }
        self
    }
}

/// The instruction of a line of a Dockerfile, and its arguments. Builders that copy the line leave the case of the
/// instruction as it is; others write it in capitals.
fn dockerfile_line(line: &str, in_any_case: bool) -> Option<(Instruction, &str)> {
    let (name, arguments) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let is = |known: &str| if in_any_case { known.eq_ignore_ascii_case(name) } else { known == name };
    let (_, instruction) = INSTRUCTIONS.iter().find(|(known, _)| is(known))?;
    Some((*instruction, arguments.trim_start()))
}

/// The flags before the arguments of an instruction, and the arguments.
fn flags(text: &str) -> (&str, &str) {
    let mut rest = text;
    while rest.starts_with("--") {
        rest = rest.split_once(char::is_whitespace).map_or("", |(_, after)| after.trim_start());
    }
    let length = text.len().saturating_sub(rest.len());
    (text.get(..length).unwrap_or_default().trim_end(), rest)
}

/// A command without the digests of the mounted directories that buildah appends: `:sha256:…`.
fn without_checksums(text: &str) -> &str {
    let mut rest = text;
    while let Some((before, digest)) = rsplit_part(rest, ":sha256:")
        && digest.len() == 64
        && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        rest = before;
    }
    rest
}
