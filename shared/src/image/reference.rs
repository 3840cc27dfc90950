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

use super::error::ParseError;
use super::mistaken::mistaken;

/// Docker Hub, where an image without a registry host comes from.
const DOCKER_HUB: &str = "docker.io";

/// The name Docker Hub had before, which means the same.
const DOCKER_HUB_LEGACY: &str = "index.docker.io";

/// The namespace of Docker Hub's official images, left out when they are written.
const OFFICIAL: &str = "library";

/// The longest repository path in bytes, with `library/` and without the registry host.
const PATH_MAX: usize = 255;

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
        parse(input).map_err(|error| mistaken(input, error))
    }

    /// The same for who has no use for a reason, which takes a module bytes.
    #[must_use]
    pub fn read(input: &'a str) -> Option<Self> {
        parse(input).ok()
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
    /// It is empty when the first part of the name has a dot but is not a valid host, as in
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
    ///
    /// # Errors
    /// The text is not a valid digest.
    pub fn parse(input: &'a str) -> Result<Self, ParseError> {
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
