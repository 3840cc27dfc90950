//! The configuration of an image: how a runtime starts it, and how it was made.
//!
//! The format is that of the [image specification](https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md),
//! with the additions of Docker. It is read as containerd reads it, by `encoding/json` of Go: names of fields match in
//! any case, and `null` is the same as an absent field. Every field is optional, unknown ones do not matter, and the
//! type of a field is checked when it is read.

use std::fmt;

use json::{Node, Shape, Table, Unreadable};

/// Every level of a configuration: the document, its objects and lists, the items in them, and their fields.
const DOCUMENT: Shape = Shape::Everything(3);

/// The most entries of a history that are judged. An image has at most 127 layers.
pub const MAX_HISTORY: usize = 1024;

/// The reason why a configuration cannot be read. Nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The text is not JSON, or holds too many values.
    Json(Unreadable),
    /// A field has another type.
    Type {
        /// The path of the field; empty for the whole document.
        field: &'static str,
        /// Its type.
        found: &'static str,
        /// The type that it should have.
        expected: &'static str,
    },
    /// Two fields have names that runtimes take for the same.
    Twice(&'static str),
    /// The history has more than [`MAX_HISTORY`] entries.
    LongHistory,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = match self {
            Self::Json(unreadable) => return unreadable.fmt(f),
            Self::Type { field: "", found, expected } => ["it is ", found, ", not ", expected],
            Self::Type { field, found, expected } => {
                f.write_str(field)?;
                [" is ", found, ", not ", expected]
            }
            Self::Twice(field) => [field, " is given twice", "", ""],
            Self::LongHistory => ["history has more than 1024 entries", "", "", ""],
        };
        parts.iter().try_for_each(|part| f.write_str(part))
    }
}

impl std::error::Error for ConfigError {}

/// The configuration of an image.
#[derive(Clone, Debug)]
pub struct Config<'a>(Node<'a>);

/// The operating system and processor that an image is made for; empty texts where the configuration does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform<'c> {
    /// `linux` or `windows`.
    pub os: &'c str,
    /// The processor, such as `amd64`.
    pub architecture: &'c str,
    /// Its variant, such as `v8`.
    pub variant: &'c str,
}

/// One entry of the history, as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry<'c> {
    /// The command that made it, in a form that depends on the builder.
    pub created_by: &'c str,
    /// A remark of the builder.
    pub comment: &'c str,
    /// The author.
    pub author: &'c str,
    /// It made no layer.
    pub empty_layer: bool,
}

/// The argument vector of a container: first the words of the image, then those of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start<'c> {
    /// From `ENTRYPOINT` and `CMD`. They are started as they stand.
    pub image: Vec<&'c str>,
    /// From `command` and `args`. The kubelet replaces the references to variables in them.
    pub manifest: Vec<&'c str>,
}

impl<'a> Config<'a> {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// It is not a JSON object, or holds too many values.
    pub fn read(text: &'a str) -> Result<Self, ConfigError> {
        let node = Node::read(text, DOCUMENT, &Table::EMPTY).map_err(ConfigError::Json)?;
        fields(&node, "")?;
        Ok(Self(node))
    }

    /// `Entrypoint`, the words that a container starts with.
    ///
    /// # Errors
    /// As for every field: it, or one around it, has another type or is given twice.
    pub fn entrypoint(&self) -> Result<Vec<&str>, ConfigError> {
        texts(self.config("config.Entrypoint")?, "config.Entrypoint")
    }

    /// `Cmd`, the words that follow.
    ///
    /// # Errors
    /// As for every field.
    pub fn cmd(&self) -> Result<Vec<&str>, ConfigError> {
        texts(self.config("config.Cmd")?, "config.Cmd")
    }

    /// The argument vector of a container with these `command` and `args`, both empty if they are not set: a `command`
    /// replaces all that the image says, and `args` alone its `Cmd`. An `Entrypoint` of one empty text is the same as
    /// none. Source: containerd, `WithProcessArgs`.
    ///
    /// # Errors
    /// As for every field. Fields that are replaced are not read.
    pub fn start<'c>(&'c self, command: &[&'c str], args: &[&'c str]) -> Result<Start<'c>, ConfigError> {
        let manifest = [command, args].concat();
        if !command.is_empty() {
            return Ok(Start { image: Vec::new(), manifest });
        }
        let mut image = self.entrypoint()?;
        if image == [""] {
            image.clear();
        }
        if args.is_empty() {
            image.extend(self.cmd()?);
        }
        Ok(Start { image, manifest })
    }

    /// `Env`: names and values. A variable without `=` has an empty value.
    ///
    /// # Errors
    /// As for every field.
    pub fn env(&self) -> Result<Vec<(&str, &str)>, ConfigError> {
        let variables = texts(self.config("config.Env")?, "config.Env")?;
        Ok(variables.into_iter().map(|variable| variable.split_once('=').unwrap_or((variable, ""))).collect())
    }

    /// `User`: a user or user ID, perhaps with a group after a colon. Empty means root.
    ///
    /// # Errors
    /// As for every field.
    pub fn user(&self) -> Result<&str, ConfigError> {
        text(self.config("config.User")?, "config.User")
    }

    /// `WorkingDir`. Empty means `/`.
    ///
    /// # Errors
    /// As for every field.
    pub fn working_dir(&self) -> Result<&str, ConfigError> {
        text(self.config("config.WorkingDir")?, "config.WorkingDir")
    }

    /// `StopSignal`, by name or number. Empty means SIGTERM.
    ///
    /// # Errors
    /// As for every field.
    pub fn stop_signal(&self) -> Result<&str, ConfigError> {
        text(self.config("config.StopSignal")?, "config.StopSignal")
    }

    /// `ExposedPorts`: ports and protocols. Without a protocol, it is TCP.
    ///
    /// # Errors
    /// As for every field.
    pub fn exposed_ports(&self) -> Result<Vec<(&str, &str)>, ConfigError> {
        let Some(ports) = self.config("config.ExposedPorts")? else { return Ok(Vec::new()) };
        let ports = fields(ports, "config.ExposedPorts")?;
        Ok(ports.iter().map(|(port, _)| port.split_once('/').unwrap_or((port, "tcp"))).collect())
    }

    /// `Labels`: names and values, in the order of the text.
    ///
    /// # Errors
    /// As for every field.
    pub fn labels(&self) -> Result<Vec<(&str, &str)>, ConfigError> {
        let Some(labels) = self.config("config.Labels")? else { return Ok(Vec::new()) };
        let labels = fields(labels, "config.Labels")?;
        labels.iter().map(|(name, value)| Ok((&**name, text(Some(value), "config.Labels")?))).collect()
    }

    /// The platform of the image.
    ///
    /// # Errors
    /// As for every field.
    pub fn platform(&self) -> Result<Platform<'_>, ConfigError> {
        Ok(Platform {
            os: text(member(&self.0, "os")?, "os")?,
            architecture: text(member(&self.0, "architecture")?, "architecture")?,
            variant: text(member(&self.0, "variant")?, "variant")?,
        })
    }

    /// `rootfs.diff_ids`: the digests of the layers before their compression, the lowest first.
    ///
    /// # Errors
    /// As for every field.
    pub fn diff_ids(&self) -> Result<Vec<&str>, ConfigError> {
        let Some(root) = member(&self.0, "rootfs")? else { return Ok(Vec::new()) };
        texts(member(root, "rootfs.diff_ids")?, "rootfs.diff_ids")
    }

    /// `history`, the oldest entry first.
    ///
    /// # Errors
    /// As for every field; the history has too many entries.
    pub fn history(&self) -> Result<Vec<Entry<'_>>, ConfigError> {
        let entries = items(member(&self.0, "history")?, "history")?;
        if entries.len() > MAX_HISTORY {
            return Err(ConfigError::LongHistory);
        }
        entries.iter().map(|(_, entry)| Entry::read(entry)).collect()
    }

    /// A field of `config`, by its path.
    fn config(&self, path: &'static str) -> Result<Option<&Node<'a>>, ConfigError> {
        member(&self.0, "config")?.map_or(Ok(None), |config| member(config, path))
    }
}

impl<'c> Entry<'c> {
    fn read(entry: &'c Node<'_>) -> Result<Self, ConfigError> {
        if matches!(entry, Node::Null) {
            return Ok(Self::default());
        }
        Ok(Self {
            created_by: text(member(entry, "history.created_by")?, "history.created_by")?,
            comment: text(member(entry, "history.comment")?, "history.comment")?,
            author: text(member(entry, "history.author")?, "history.author")?,
            empty_layer: match member(entry, "history.empty_layer")? {
                None => false,
                Some(Node::Bool(value)) => *value,
                Some(other) => return Err(mistyped("history.empty_layer", other, "a boolean")),
            },
        })
    }
}

/// The value of a field of an object; the name of the field is the last part of its path.
fn member<'n, 'a>(object: &'n Node<'a>, path: &'static str) -> Result<Option<&'n Node<'a>>, ConfigError> {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut named = fields(object, parent)?.iter().filter(|(key, _)| is_named(key, name));
    let value = named.next().map(|(_, value)| value);
    if named.next().is_some() {
        return Err(ConfigError::Twice(path));
    }
    Ok(value.filter(|value| !matches!(value, Node::Null)))
}

/// Returns `true` if Go takes `key` for the field `name`: upper and lower case are the same, also for the two letters
/// outside of ASCII whose other case is in it.
fn is_named(key: &str, name: &str) -> bool {
    let folded = key.chars().map(|character| match character {
        'ſ' => 's',
        '\u{212a}' => 'k',
        _ => character.to_ascii_lowercase(),
    });
    folded.eq(name.chars().map(|character| character.to_ascii_lowercase()))
}

fn fields<'n, 'a>(
    node: &'n Node<'a>,
    path: &'static str,
) -> Result<&'n [(std::borrow::Cow<'a, str>, Node<'a>)], ConfigError> {
    match node {
        Node::Object(fields) => Ok(fields),
        other => Err(mistyped(path, other, "an object")),
    }
}

fn items<'n, 'a>(node: Option<&'n Node<'a>>, path: &'static str) -> Result<&'n [(u32, Node<'a>)], ConfigError> {
    match node {
        None => Ok(&[]),
        Some(Node::List(items)) => Ok(items),
        Some(other) => Err(mistyped(path, other, "a list")),
    }
}

fn text<'n>(node: Option<&'n Node<'_>>, path: &'static str) -> Result<&'n str, ConfigError> {
    match node {
        None | Some(Node::Null) => Ok(""),
        Some(Node::String(text)) => Ok(text),
        Some(other) => Err(mistyped(path, other, "a string")),
    }
}

fn texts<'n>(node: Option<&'n Node<'_>>, path: &'static str) -> Result<Vec<&'n str>, ConfigError> {
    items(node, path)?
        .iter()
        .map(|(_, item)| match item {
            Node::Null => Ok(""),
            Node::String(text) => Ok(&**text),
            other => Err(mistyped(path, other, "a list of strings")),
        })
        .collect()
}

fn mistyped(field: &'static str, found: &Node<'_>, expected: &'static str) -> ConfigError {
    ConfigError::Type { field, found: found.kind(), expected }
}
