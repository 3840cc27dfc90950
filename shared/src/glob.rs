//! Patterns with wildcards: [`Glob`] for plain names and [`ImagePattern`] for image repositories.
//!
//! Both are checked when settings are read, so that matching cannot fail. A pattern that matches
//! everything is refused: as an exemption it would switch a policy off in a way nobody sees.
//! Matching takes at most the length of the pattern times the length of the text.

use std::borrow::Cow;

use crate::image::{Repository, is_domain};

/// The longest pattern in bytes.
const PATTERN_MAX: usize = 256;

/// An exact name, or a name with `*` wildcards: `kube-system`, `team-*`, `system:serviceaccount:*`.
///
/// A `*` stands for any text, also none, and also for the `/` of `namespace/name`. Case matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Regular expressions that all match what [`parse`](Self::parse) accepts.
    #[cfg(feature = "describe")]
    pub(crate) const FORM: &'static [&'static str] = &["[^*]", "^[^ ]", "[^ ]$", r"^[^\x00-\x1f\x7f-\x9f]*$"];

    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// The pattern is empty, longer than 256 bytes or only wildcards; it starts or ends with white
    /// space, or has a control character. The error is a phrase for the author of the settings.
    pub fn parse(pattern: &str) -> Result<Self, Cow<'static, str>> {
        check_length(pattern)?;
        if pattern.trim_ascii() != pattern {
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

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the whole name matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        wildcard_text(&self.0, name, |expected, found| expected == found)
    }

    /// Tells whether the whole name matches, whatever the case of ASCII letters.
    #[must_use]
    pub fn matches_ignoring_case(&self, name: &str) -> bool {
        wildcard_text(&self.0, name, |expected, found| expected.eq_ignore_ascii_case(&found))
    }
}

/// Globs that are known to be valid, for the defaults of settings. Others are left out.
#[must_use]
pub fn globs(patterns: &[&str]) -> Vec<Glob> {
    patterns.iter().filter_map(|pattern| Glob::parse(pattern).ok()).collect()
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePattern(String);

/// Parts of a path. A star stands alone, or beside other letters than a star.
#[cfg(feature = "describe")]
macro_rules! parts {
    () => {
        r"(/(\*\*|\*|\*?[a-z0-9._-]+(\*[a-z0-9._-]+)*\*?))+"
    };
}

impl ImagePattern {
    /// Regular expressions that all match what [`parse`](Self::parse) accepts: a name on Docker Hub, a path in any registry,
    /// one in a registry with or without a port, and one on Docker Hub.
    #[cfg(feature = "describe")]
    pub(crate) const FORM: &'static [&'static str] = &[
        "[^*/.:]",
        concat!(
            r"^(\*|\*?[a-z0-9_-]+(\*[a-z0-9_-]+)*\*?|\*\*",
            parts!(),
            r"|(\*?[A-Za-z0-9._\[\]-])*:(\*?[A-Za-z0-9._:\[\]-])*\*?",
            parts!(),
            r"|(\*?[A-Za-z0-9._\[\]-])*\*?[A-Z.](\*?[A-Za-z0-9._\[\]-])*",
            parts!(),
            "|[a-z0-9_-]+",
            parts!(),
            ")$"
        ),
    ];

    /// Registries, which are not repositories although they look like one.
    #[cfg(feature = "describe")]
    pub(crate) const NEVER: &'static [&'static str] = &["localhost"];

    /// The pattern, normalised.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// No repository can match, every repository does, or the pattern could be read in two ways.
    /// A registry host that ends in a wildcard is refused too, because anyone can register a name
    /// such as `ghcr.io.evil.example`. The error is a phrase for the author of the settings.
    pub fn parse(pattern: &str) -> Result<Self, Cow<'static, str>> {
        check_length(pattern)?;
        if pattern.bytes().all(|byte| b"*/.:".contains(&byte)) {
            return Err("pattern is only wildcards; name a registry or a repository".into());
        }
        if pattern.split('/').any(|part| part != "**" && has_double_star(part)) {
            return Err("pattern has ** next to other text; use * within a part".into());
        }
        if pattern.as_bytes().windows(3).any(|window| window == b"://") {
            return Err("pattern starts with a URL scheme; write it without the scheme".into());
        }
        if pattern.contains('@') {
            return Err("pattern has a digest; patterns name repositories".into());
        }
        let (host, path) = split_host(pattern)?;
        check_host(host)?;
        check_path(path)?;
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
        let pattern: Vec<&str> = self.0.split('/').collect();
        let segments: Vec<&str> = repository.segments().collect();
        // Paths are in lower case, so this folds the registry host only.
        let same = |expected: &str, found: &str| {
            wildcard_text(expected, found, |expected, found| expected == found.to_ascii_lowercase())
        };
        wildcard(&pattern, &segments, |part| part == "**", same)
    }
}

/// Splits a pattern into the registry host and the path that it means.
fn split_host(pattern: &str) -> Result<(&str, &str), Cow<'static, str>> {
    let Some((first, path)) = pattern.split_once('/') else {
        if pattern.contains(':') {
            return Err("pattern has a tag; patterns name repositories".into());
        }
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
        return Err("pattern starts with a wildcard that may stand for a registry or for a name \
            on Docker Hub; write docker.io/ or **/ before it"
            .into());
    }
    Ok(("docker.io", pattern))
}

/// Refuses what no registry host has. That a host is one in every other respect is not checked: it would never match.
fn check_host(host: &str) -> Result<(), Cow<'static, str>> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:[]*".contains(&byte);
    if host.bytes().all(legal) { Ok(()) } else { Err("pattern has an invalid registry host".into()) }
}

/// Refuses what no path has.
fn check_path(path: &str) -> Result<(), Cow<'static, str>> {
    let error = if path.split('/').any(str::is_empty) {
        "pattern has an empty part; check its slashes"
    } else if path.contains(':') {
        "pattern has a tag; patterns name repositories"
    } else if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        "pattern has uppercase letters in the repository name"
    } else if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/*".contains(&byte)) {
        "pattern has a character that no repository name has"
    } else {
        return Ok(());
    };
    Err(error.into())
}

fn check_length(pattern: &str) -> Result<(), Cow<'static, str>> {
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
fn wildcard<T: Copy>(pattern: &[T], text: &[T], is_star: fn(T) -> bool, same: fn(T, T) -> bool) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    // The pattern after the last star, and the text after what that star stands for.
    let mut last_star = None;
    loop {
        match (pattern.split_first(), text.split_first()) {
            (Some((star, after_star)), _) if is_star(*star) => {
                last_star = Some((after_star, text));
                pattern = after_star;
            }
            (Some((expected, pattern_rest)), Some((found, text_rest))) if same(*expected, *found) => {
                (pattern, text) = (pattern_rest, text_rest);
            }
            (None, None) => return true,
            _ => {
                let Some((after_star, rest)) = last_star else { return false };
                let Some((_, rest)) = rest.split_first() else { return false };
                last_star = Some((after_star, rest));
                (pattern, text) = (after_star, rest);
            }
        }
    }
}

/// Matches a text against a pattern in which `*` stands for any text.
fn wildcard_text(pattern: &str, text: &str, same: fn(u8, u8) -> bool) -> bool {
    wildcard(pattern.as_bytes(), text.as_bytes(), |byte| byte == b'*', same)
}
