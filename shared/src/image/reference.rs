//! Image references: what `image: registry:5000/team/app:1.2.3@sha256:…` means.
//!
//! The grammar and every verdict are those of
//! [distribution/reference](https://github.com/distribution/reference) v0.6.0, the library the
//! kubelet and containerd read images with (`ParseNormalizedNamed`). A policy that reads a
//! reference in another way judges an image that no node will pull. Points where hand-written
//! parsers differ from it:
//!
//! - the colon of `registry:5000/nginx` starts a port, the one of `nginx:5000` a tag;
//! - the first part is a registry host if it has a dot, a colon or an uppercase letter, or is
//!   `localhost`: `EVIL/app` comes from the host `EVIL`, not from Docker Hub;
//! - `nginx`, `docker.io/nginx` and `index.docker.io/library/nginx` are one repository;
//! - the grammar is ASCII, and case matters in tags.
//!
//! Parsing borrows from its input, allocates nothing, visits each byte a fixed number of times and
//! never panics.

use std::borrow::Cow;
use std::fmt;

/// Docker Hub, where an image without a registry host comes from.
const DOCKER_HUB: &str = "docker.io";

/// The name Docker Hub had before, which means the same.
const DOCKER_HUB_LEGACY: &str = "index.docker.io";

/// The namespace of Docker Hub's official images, left out when they are written.
const OFFICIAL: &str = "library";

/// The longest repository path in bytes, with `library/` and without the registry host.
const PATH_MAX: usize = 255;

/// How long a text may be for a look at what it is instead of a reference, in bytes.
const UNRELATED_MAX: usize = 4096;

/// The longest tag in bytes.
const TAG_MAX: usize = 128;

/// A valid image reference, in parts that borrow from the text it was read from.
///
/// [`Display`](fmt::Display) writes the normalised form, with the registry host, the full path, and
/// the tag and the digest when they were given: `docker.io/library/nginx:1.27`. Parsing that form
/// gives the same parts.
#[derive(Clone, Copy, Debug)]
pub struct ImageRef<'a> {
    repository: Repository<'a>,
    name: &'a str,
    tag: Option<&'a str>,
    digest: Option<Digest<'a>>,
}

impl<'a> ImageRef<'a> {
    /// Reads a reference as the kubelet does.
    ///
    /// # Errors
    ///
    /// The text is not a valid reference. The error says what a person has to change.
    pub fn parse(input: &'a str) -> Result<Self, ParseError> {
        // No text that someone mistook for a reference is longer, and to look at a long one takes time.
        let short = Some(input).filter(|input| input.len() <= UNRELATED_MAX);
        parse(input).map_err(|error| short.and_then(unrelated_text).unwrap_or(error))
    }

    /// The normalised repository: registry host and path.
    #[must_use]
    pub fn repository(&self) -> Repository<'a> {
        self.repository
    }

    /// The normalised registry host with its port. See [`Repository::domain`].
    #[must_use]
    pub fn domain(&self) -> &'a str {
        self.repository.domain()
    }

    /// The normalised path in the registry. See [`Repository::path`].
    #[must_use]
    pub fn path(&self) -> Cow<'a, str> {
        self.repository.path()
    }

    /// The name as it was written, without tag and digest: `nginx`, `registry:5000/nginx`.
    ///
    /// A suggested fix starts with it, so that it looks like what the user wrote.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The tag, if one was written. A reference without tag and digest means the tag `latest`.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// The digest, if one was written. With a digest, the tag does not choose what is pulled.
    #[must_use]
    pub fn digest(&self) -> Option<Digest<'a>> {
        self.digest
    }
}

impl fmt::Display for ImageRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.repository.fmt(f)?;
        if let Some(tag) = self.tag {
            f.write_str(":")?;
            f.write_str(tag)?;
        }
        if let Some(digest) = self.digest {
            f.write_str("@")?;
            digest.fmt(f)?;
        }
        Ok(())
    }
}

/// A normalised repository: `docker.io/library/nginx`, `registry:5000/team/app`.
///
/// [`Display`](fmt::Display) writes the registry host, a slash and the path.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'a> {
    domain: &'a str,
    /// The path starts with `library/`, which was not written.
    official: bool,
    path: &'a str,
}

impl<'a> Repository<'a> {
    /// The repository that a reference names, without a look at the rest of it.
    ///
    /// Of a valid reference, the same as [`ImageRef::repository`]. Of an invalid one, whatever stands where a
    /// repository would: the kubelet never runs that.
    #[must_use]
    pub fn of(reference: &'a str) -> Self {
        let tagged = reference.split_once('@').map_or(reference, |(tagged, _)| tagged);
        split_name(split_tag(tagged).0)
    }

    /// The registry host with its port, in the case it was written in: `docker.io`,
    /// `registry:5000`, `[::1]:5000`.
    ///
    /// It is empty when the first part of the name has a dot but is no valid host, as in
    /// `a_b.io/app`. The kubelet's library accepts such a name and reads all of it as the path.
    #[must_use]
    pub fn domain(&self) -> &'a str {
        self.domain
    }

    /// The path in the registry: `library/nginx`, `team/app`.
    ///
    /// It borrows except for an official image written without `library/`.
    #[must_use]
    pub fn path(&self) -> Cow<'a, str> {
        if self.official { Cow::Owned([OFFICIAL, self.path].join("/")) } else { Cow::Borrowed(self.path) }
    }

    /// The parts between slashes: the registry host, if there is one, and each part of the path.
    pub fn segments(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let domain = (!self.domain.is_empty()).then_some(self.domain);
        let official = self.official.then_some(OFFICIAL);
        domain.into_iter().chain(official).chain(self.path.split('/'))
    }
}

impl fmt::Display for Repository<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.segments().enumerate() {
            if index > 0 {
                f.write_str("/")?;
            }
            f.write_str(segment)?;
        }
        Ok(())
    }
}

/// The digest of an image: a known algorithm and as many lowercase hexadecimal digits as it has.
///
/// [`Display`](fmt::Display) writes it as in a reference: `sha256:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest<'a> {
    algorithm: &'static str,
    hex: &'a str,
}

impl<'a> Digest<'a> {
    /// The algorithm: `sha256`, `sha384` or `sha512`.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    /// The lowercase hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> &'a str {
        self.hex
    }

    /// Reads what follows the `@`. The algorithms are those of
    /// [go-digest](https://github.com/opencontainers/go-digest).
    fn parse(input: &'a str) -> Result<Self, ParseError> {
        if input.is_empty() {
            return Err(ParseError::DigestEmpty);
        }
        if input.contains('@') {
            return Err(ParseError::DigestTwice);
        }
        let (algorithm, hex) = input.split_once(':').ok_or(ParseError::DigestAlgorithmMissing)?;
        let (algorithm, needed) = match algorithm {
            "sha256" => ("sha256", 64),
            "sha384" => ("sha384", 96),
            "sha512" => ("sha512", 128),
            _ => return Err(ParseError::DigestAlgorithm),
        };
        for byte in hex.bytes() {
            match byte {
                b'0'..=b'9' | b'a'..=b'f' => {}
                b'A'..=b'F' => return Err(ParseError::DigestUppercase),
                b':' => return Err(ParseError::TagAfterDigest),
                _ => return Err(ParseError::DigestCharacter),
            }
        }
        let found = hex.len();
        if found == needed {
            Ok(Self { algorithm, hex })
        } else {
            Err(ParseError::DigestLength { algorithm, found, needed })
        }
    }
}

impl fmt::Display for Digest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.algorithm)?;
        f.write_str(":")?;
        f.write_str(self.hex)
    }
}

/// Why a text is not an image reference.
///
/// [`Display`](fmt::Display) writes a phrase that follows the quoted image: `image "Nginx" ` +
/// `has uppercase letters in the repository name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The text is empty.
    Empty,
    /// It has the marks of a template: `$`, `{`, `}`, `<`, `>` or `__NAME__`.
    Template,
    /// It starts like a URL.
    Scheme,
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
    /// There is a registry host in brackets and nothing behind it.
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
    /// A colon has no tag behind it.
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
    /// An `@` has no digest behind it.
    DigestEmpty,
    /// There is a second `@`.
    DigestTwice,
    /// The digest has no algorithm.
    DigestAlgorithmMissing,
    /// The algorithm of the digest is unknown to container runtimes.
    DigestAlgorithm,
    /// The digest has uppercase hexadecimal digits.
    DigestUppercase,
    /// The digest has a character that is no hexadecimal digit.
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
            Self::Scheme => "starts with a URL scheme",
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

/// The grammar: `[host[:port]/]path[:tag][@digest]`.
fn parse(input: &str) -> Result<ImageRef<'_>, ParseError> {
    if input.is_empty() {
        return Err(ParseError::Empty);
    }
    if input.len() == 64 && input.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(ParseError::ImageId);
    }
    let (tagged, digest) = match input.split_once('@') {
        Some((tagged, digest)) => (tagged, Some(Digest::parse(digest)?)),
        None => (input, None),
    };
    if tagged.starts_with('[') && !tagged.contains('/') {
        return Err(ParseError::NameIsHost);
    }
    let (name, tag) = split_tag(tagged);
    if let Some(tag) = tag {
        check_tag(tag)?;
    }
    let repository = parse_name(name)?;
    Ok(ImageRef { repository, name, tag, digest })
}

/// Splits at the first colon after the last slash; a colon before it belongs to a port.
fn split_tag(tagged: &str) -> (&str, Option<&str>) {
    let last = tagged.rsplit_once('/').map_or(tagged, |(_, last)| last);
    let split = last.split_once(':').and_then(|(_, tag)| {
        let name = tagged.strip_suffix(tag)?.strip_suffix(':')?;
        Some((name, Some(tag)))
    });
    split.unwrap_or((tagged, None))
}

fn check_tag(tag: &str) -> Result<(), ParseError> {
    if tag.is_empty() {
        return Err(ParseError::TagEmpty);
    }
    if tag.starts_with(['.', '-']) {
        return Err(ParseError::TagStart);
    }
    // Whatever follows the longest tag, the tag is too long.
    for character in tag.chars().take(TAG_MAX) {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '.' | '-' => {}
            ':' => return Err(ParseError::TagTwice),
            _ => return Err(ParseError::TagCharacter(character)),
        }
    }
    if tag.len() > TAG_MAX {
        return Err(ParseError::TagLength);
    }
    Ok(())
}

/// Splits `[host[:port]/]path` and normalises it.
fn split_name(name: &str) -> Repository<'_> {
    let hub = |path, official| Repository { domain: DOCKER_HUB, official, path };
    match name.split_once('/') {
        None => hub(name, true),
        Some((DOCKER_HUB | DOCKER_HUB_LEGACY, path)) => hub(path, !path.contains('/')),
        Some((domain, path)) if is_domain(domain) => Repository { domain, official: false, path },
        Some(_) => hub(name, false),
    }
}

/// Reads `[host[:port]/]path` and normalises it.
fn parse_name(name: &str) -> Result<Repository<'_>, ParseError> {
    if name.is_empty() {
        return Err(ParseError::NameEmpty);
    }
    if name.starts_with('/') {
        return Err(ParseError::SlashFirst);
    }
    if name.ends_with('/') {
        return Err(ParseError::SlashLast);
    }
    let mut repository = split_name(name);
    if let Err(host_error) = check_domain(repository.domain) {
        // The host is optional in the grammar, so this is a path when it can be one.
        match check_path(name) {
            Ok(()) => repository = Repository { domain: "", official: false, path: name },
            Err(_) if repository.domain.contains(['.', ':']) => return Err(host_error),
            Err(path_error) => return Err(path_error),
        }
    }
    let unwritten = if repository.official { OFFICIAL.len().saturating_add(1) } else { 0 };
    if repository.path.len().saturating_add(unwritten) > PATH_MAX {
        return Err(ParseError::NameLength);
    }
    check_path(repository.path)?;
    Ok(repository)
}

/// Tells whether the first part of a name is a registry host rather than a Docker Hub namespace.
pub(crate) fn is_domain(first: &str) -> bool {
    first == "localhost" || first.bytes().any(|byte| matches!(byte, b'.' | b':') || byte.is_ascii_uppercase())
}

/// Checks `host` or `host:port`.
fn check_domain(domain: &str) -> Result<(), ParseError> {
    let port = if let Some(rest) = domain.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or(ParseError::HostIpv6)?;
        let digits = |byte: u8| byte == b':' || byte.is_ascii_hexdigit();
        if address.is_empty() || !address.bytes().all(digits) {
            return Err(ParseError::HostIpv6);
        }
        match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return Err(ParseError::HostIpv6),
            port => port,
        }
    } else {
        let (host, port) = match domain.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (domain, None),
        };
        let label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric())
        };
        if !host.split('.').all(label) {
            return Err(ParseError::Host);
        }
        port
    };
    match port {
        Some(port) if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) => Err(ParseError::HostPort),
        _ => Ok(()),
    }
}

/// Checks a path: parts of lowercase letters and digits, with punctuation between them.
fn check_path(path: &str) -> Result<(), ParseError> {
    for character in path.chars() {
        match character {
            'a'..='z' | '0'..='9' | '.' | '_' | '-' | '/' => {}
            'A'..='Z' => return Err(ParseError::NameUppercase),
            _ => return Err(ParseError::NameCharacter(character)),
        }
    }
    for part in path.split('/') {
        if part.is_empty() {
            return Err(ParseError::SlashTwice);
        }
        let punctuation = ['.', '_', '-'];
        if part.starts_with(punctuation) {
            return Err(ParseError::NameStart);
        }
        if part.ends_with(punctuation) {
            return Err(ParseError::NameEnd);
        }
        let mut runs = part.split(|character: char| character.is_ascii_alphanumeric());
        if !runs.all(|run| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|b| b == b'-')) {
            return Err(ParseError::NamePunctuation);
        }
    }
    Ok(())
}

/// What an invalid reference is instead, when that says more than the first broken grammar rule.
fn unrelated_text(input: &str) -> Option<ParseError> {
    let is_placeholder = |word: &[u8]| word.len() > 4 && word.starts_with(b"__") && word.ends_with(b"__");
    let mut words = input.as_bytes().split(|byte| matches!(byte, b'/' | b':' | b'@'));
    if words.any(is_placeholder) {
        return Some(ParseError::Template);
    }
    if input.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//")) {
        return Some(ParseError::Scheme);
    }
    let ranked = input.bytes().filter_map(|byte| match byte {
        b'$' | b'{' | b'}' | b'<' | b'>' => Some((5, ParseError::Template)),
        0x80.. => Some((4, ParseError::NotAscii)),
        b'\n' | b'\r' => Some((3, ParseError::LineBreak)),
        0..b' ' | 0x7f => Some((2, ParseError::Control)),
        b' ' => Some((1, ParseError::Space)),
        _ => None,
    });
    ranked.max_by_key(|(rank, _)| *rank).map(|(_, error)| error)
}
