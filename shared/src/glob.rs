//! Patterns with wildcards: [`Glob`] for plain names and [`ImagePattern`] for image repositories.
//!
//! Both are checked when settings are read, so that matching cannot fail. A pattern that matches
//! everything is refused: as an exemption it would switch a policy off in a way nobody sees.
//! Matching takes at most the length of the pattern times the length of the text.

use serde::Deserialize;

use crate::image::{ImageRef, Repository, is_domain};

/// The longest pattern in bytes.
const PATTERN_MAX: usize = 256;

/// An exact name, or a name with `*` wildcards: `kube-system`, `team-*`, `system:serviceaccount:*`.
///
/// A `*` stands for any text, also none, and also for the `/` of `namespace/name`. Case matters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Glob(String);

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// The pattern is empty, longer than 256 bytes or only wildcards; it starts or ends with white
    /// space, or has a control character. The error is a phrase for the author of the settings.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        check_length(pattern)?;
        if pattern.trim() != pattern {
            return Err("pattern starts or ends with white space".into());
        }
        if pattern.chars().any(char::is_control) {
            return Err("pattern has a control character".into());
        }
        if pattern.bytes().all(|byte| byte == b'*') {
            return Err("pattern is only wildcards, which match everything".into());
        }
        Ok(Self(pattern.to_owned()))
    }

    /// Tells whether the whole name matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        wildcard(
            self.0.bytes(),
            name.bytes(),
            |byte| byte == b'*',
            |a, b| a == b,
        )
    }
}

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(pattern: String) -> Result<Self, String> {
        Self::parse(&pattern)
    }
}

/// A pattern over normalised repositories, such as `nginx`, `ghcr.io/org/*` or `*.corp.example/**`.
///
/// A pattern is read like the name in an image reference, so the name in a manifest is also the
/// pattern for it: `nginx` means `docker.io/library/nginx`, `org/app` means `docker.io/org/app`,
/// and a first part with a dot, a colon or an uppercase letter, or `localhost`, is a registry
/// host. It has neither tag nor digest.
///
/// It matches the whole repository, part by part:
///
/// - `*` stands for any text within one part, also none: `ghcr.io/org/*`, `ghcr.io/org/app-*`,
///   `*.corp.example/app`;
/// - `**` as a part of its own stands for any number of parts, and at the end for at least one:
///   `ghcr.io/org/**` matches `ghcr.io/org/app` and `ghcr.io/org/team/app`, but neither
///   `ghcr.io/org` nor `ghcr.io/organisation/app`;
/// - `**` as the first part stands for any registry and any path in it: `**/distroless/*`.
///
/// `docker.io/*` means the official images, as `docker.io/nginx` means `docker.io/library/nginx`;
/// all of Docker Hub is `docker.io/**`. The case of a registry host does not matter, its port does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ImagePattern(String);

impl ImagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// No repository can match, every repository does, or the pattern could be read in two ways.
    /// A registry host that ends in a wildcard is refused too, because anyone can register a name
    /// such as `ghcr.io.evil.example`. The error is a phrase for the author of the settings.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        check_length(pattern)?;
        // A digit can stand wherever a wildcard can, so this is a reference that matches.
        let sample = pattern.replace('*', "0");
        let image = ImageRef::parse(&sample).map_err(|error| format!("pattern {error}"))?;
        if image.tag().is_some() {
            return Err("pattern has a tag; patterns name repositories".into());
        }
        if image.digest().is_some() {
            return Err("pattern has a digest; patterns name repositories".into());
        }
        if !pattern.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            return Err("pattern is only wildcards; name a registry or a repository".into());
        }
        if pattern
            .split('/')
            .any(|part| part != "**" && has_double_star(part))
        {
            return Err("pattern has ** next to other text; use * within a part".into());
        }
        let (host, path) = split_host(pattern)?;
        let mut parts = host.to_ascii_lowercase();
        if parts == "docker.io" && !path.contains('/') && path != "**" {
            parts.push_str("/library");
        }
        parts.push('/');
        parts.push_str(path);
        // At the end, at least one part.
        if path == "**" || path.ends_with("/**") {
            parts.push_str("/*");
        }
        Ok(Self(parts))
    }

    /// Tells whether the repository matches.
    #[must_use]
    pub fn matches(&self, repository: Repository<'_>) -> bool {
        // Paths are lowercase, so this folds the registry host only.
        let same_byte = |a: u8, b: u8| a == b.to_ascii_lowercase();
        let same_part = |part: &str, segment: &str| {
            wildcard(
                part.bytes(),
                segment.bytes(),
                |byte| byte == b'*',
                same_byte,
            )
        };
        wildcard(
            self.0.split('/'),
            repository.segments(),
            |part| part == "**",
            same_part,
        )
    }
}

impl TryFrom<String> for ImagePattern {
    type Error = String;

    fn try_from(pattern: String) -> Result<Self, String> {
        Self::parse(&pattern)
    }
}

/// Splits a pattern into the registry host and the path that it means.
fn split_host(pattern: &str) -> Result<(&str, &str), String> {
    let Some((first, path)) = pattern.split_once('/') else {
        if is_domain(pattern) {
            return Err("pattern is a registry without a repository; end it in /**".into());
        }
        return Ok(("docker.io", pattern));
    };
    if first == "**" {
        // Any registry, then any path in it.
        return Ok(("*", pattern));
    }
    if first == "index.docker.io" {
        return Ok(("docker.io", path));
    }
    if is_domain(first) {
        let name = first.split_once(':').map_or(first, |(name, _port)| name);
        if name.ends_with('*') {
            return Err("pattern has a registry host that ends in a wildcard".into());
        }
        return Ok((first, path));
    }
    if first.contains('*') {
        return Err(
            "pattern starts with a wildcard that may stand for a registry or for a name \
            on Docker Hub; write docker.io/ or **/ before it"
                .into(),
        );
    }
    Ok(("docker.io", pattern))
}

fn check_length(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("empty pattern".into());
    }
    if pattern.len() > PATTERN_MAX {
        return Err("pattern is longer than 256 bytes".into());
    }
    Ok(())
}

fn has_double_star(part: &str) -> bool {
    part.as_bytes().windows(2).any(|pair| pair == b"**")
}

/// Matches items against a pattern in which a star stands for any number of items.
///
/// On a mismatch only the last star takes one more item, which is enough because an earlier star
/// could only leave less text. So the time is at most the product of the two lengths.
fn wildcard<T: Copy>(
    mut pattern: impl Iterator<Item = T> + Clone,
    mut text: impl Iterator<Item = T> + Clone,
    is_star: impl Fn(T) -> bool,
    same: impl Fn(T, T) -> bool,
) -> bool {
    // The pattern after the last star, and the text after what that star stands for.
    let mut last_star = None;
    loop {
        let matched = match pattern.next() {
            Some(star) if is_star(star) => {
                last_star = Some((pattern.clone(), text.clone()));
                true
            }
            Some(expected) => text.next().is_some_and(|found| same(expected, found)),
            None if text.next().is_none() => return true,
            None => false,
        };
        if !matched {
            let Some((after_star, rest)) = &mut last_star else {
                return false;
            };
            if rest.next().is_none() {
                return false;
            }
            pattern = after_star.clone();
            text = rest.clone();
        }
    }
}
