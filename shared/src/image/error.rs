//! Why a text is not an image reference.

use std::fmt;

/// Why a text is not an image reference.
///
/// [`Display`](fmt::Display) writes a phrase that follows the quoted image: `image "Nginx" ` +
/// `has uppercase letters in the repository name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The text is empty, or blank.
    Empty,
    /// It has the marks of a template: `{`, `}` or `[[`.
    Template,
    /// It has a variable of a shell or a pipeline: `${TAG}`, `$(TAG)`.
    Variable,
    /// It has a name to be replaced: `%TAG%`, `@TAG@`, `<tag>`, `__TAG__`, `[TAG]`, `((tag))`.
    Placeholder,
    /// It starts like a URL.
    Scheme,
    /// It names source code that ko builds an image of.
    Ko,
    /// It starts with a transport of tools such as skopeo: `docker://`, `oci:`.
    Transport(&'static str),
    /// It has a character outside ASCII. Some of them look like an ASCII letter or like nothing.
    NotAscii,
    /// It has a line feed or a carriage return, often from a YAML block scalar.
    LineBreak,
    /// It has another control character, such as a tab.
    Control,
    /// It has a space.
    Space,
    /// It is 64 hexadecimal digits, which container runtimes take for the ID of a local image.
    ImageId,
    /// A tag or a digest follows nothing.
    NameEmpty,
    /// There is a registry host in brackets and nothing after it.
    NameIsHost,
    /// The name starts with a slash.
    SlashFirst,
    /// The name ends in a slash.
    SlashLast,
    /// The name has two slashes in a row.
    SlashTwice,
    /// The repository path is longer than 255 bytes.
    NameLength,
    /// The repository path has uppercase letters.
    NameUppercase,
    /// A part of the repository path is in capitals.
    NameCapitals,
    /// The repository path has a character that no path can have.
    NameCharacter(char),
    /// A part of the repository path does not start with a letter or a digit.
    NameStart,
    /// A part of the repository path does not end in a letter or a digit.
    NameEnd,
    /// A part of the repository path has punctuation in a row that is neither `__` nor dashes.
    NamePunctuation,
    /// The registry host is neither a DNS name nor an IPv4 address.
    Host,
    /// The registry host starts with a bracket and is no IPv6 address in brackets.
    HostIpv6,
    /// The port of the registry host is empty or not a number.
    HostPort,
    /// A colon has no tag after it.
    TagEmpty,
    /// There is a second colon after the name.
    TagTwice,
    /// The tag is longer than 128 bytes.
    TagLength,
    /// The tag starts with a dot or a dash.
    TagStart,
    /// The tag has a character that no tag can have.
    TagCharacter(char),
    /// A tag follows the digest.
    TagAfterDigest,
    /// An `@` has no digest after it.
    DigestEmpty,
    /// There is a second `@`.
    DigestTwice,
    /// The digest has no algorithm.
    DigestAlgorithmMissing,
    /// The algorithm of the digest is unknown to container runtimes.
    DigestAlgorithm,
    /// The digest has uppercase hexadecimal digits.
    DigestUppercase,
    /// The digest has a character that is not a hexadecimal digit.
    DigestCharacter,
    /// The digest is too long or too short.
    DigestLength {
        /// The algorithm.
        algorithm: &'static str,
        /// The number of digits there are.
        found: usize,
        /// The number of digits the algorithm has.
        needed: usize,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::Empty => "is empty",
            Self::Template => "looks like an unrendered template",
            Self::Variable => "has a variable that was not replaced",
            Self::Placeholder => "has a placeholder that was not replaced",
            Self::Scheme => "starts with a URL scheme",
            Self::Ko => "is a ko reference, which names source code and not an image",
            Self::Transport(transport) => return write!(f, "starts with the transport {transport}"),
            Self::NotAscii => "has characters outside ASCII",
            Self::LineBreak => "has a line break",
            Self::Control => "has a control character",
            Self::Space => "has a space",
            Self::ImageId => "is 64 hexadecimal digits, which is an image ID and not a name",
            Self::NameEmpty => "has no repository name",
            Self::NameIsHost => "has a registry host but no repository name",
            Self::SlashFirst => "starts with a slash",
            Self::SlashLast => "has no name after the last slash",
            Self::SlashTwice => "has two slashes in a row",
            Self::NameLength => "has a repository name longer than 255 characters",
            Self::NameUppercase => "has uppercase letters in the repository name",
            Self::NameCapitals => "has uppercase letters in the repository name, as placeholders have",
            Self::NameCharacter(character) => {
                return write!(f, "has \"{character}\" in the repository name");
            }
            Self::NameStart => "has a part of the repository name that does not start with a letter or digit",
            Self::NameEnd => "has a part of the repository name that does not end in a letter or digit",
            Self::NamePunctuation => "has punctuation in a row in the repository name other than __ or dashes",
            Self::Host => "has an invalid registry host",
            Self::HostIpv6 => "has an invalid IPv6 address as registry host",
            Self::HostPort => "has a registry port that is not a number",
            Self::TagEmpty => "has an empty tag",
            Self::TagTwice => "has two tags",
            Self::TagLength => "has a tag longer than 128 characters",
            Self::TagStart => "has a tag that does not start with a letter, digit or underscore",
            Self::TagCharacter(character) => return write!(f, "has \"{character}\" in the tag"),
            Self::TagAfterDigest => "has a tag after the digest; the tag comes first",
            Self::DigestEmpty => "has an empty digest",
            Self::DigestTwice => "has more than one @",
            Self::DigestAlgorithmMissing => "has a digest without an algorithm, such as sha256:",
            Self::DigestAlgorithm => "has a digest algorithm other than sha256, sha384 and sha512",
            Self::DigestUppercase => "has uppercase letters in the digest",
            Self::DigestCharacter => "has characters in the digest that are not hexadecimal digits",
            Self::DigestLength { algorithm, found, needed } => {
                return write!(f, "has a digest of {found} hex digits, {algorithm} needs {needed}");
            }
        })
    }
}

impl std::error::Error for ParseError {}

impl ParseError {
    /// The fix, in the imperative.
    #[must_use]
    pub fn fix(self) -> &'static str {
        match self {
            Self::Empty => "name one, with a version tag or a digest",
            Self::Template => "render the template before it is applied",
            Self::Variable => "replace the variable before it is applied; Kubernetes replaces none in an image",
            Self::Placeholder => "replace the placeholder before it is applied",
            Self::NameCapitals => "replace the placeholder, or write the name in lower case",
            Self::Ko => "apply the output of ko resolve",
            Self::Scheme => "write it without the scheme",
            Self::Transport(transport) if transport.ends_with('/') => "write it without the transport",
            Self::Transport(_) => "push the image to a registry, and write the name that it has there",
            Self::TagCharacter('+') => "write _ for +, as Helm does",
            _ => "write it as [registry/]name[:tag][@digest]",
        }
    }
}
