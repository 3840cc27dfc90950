//! The formats of labels.

use shared::image::tag::{Hash, is_build, is_pre_release};
use shared::image::{Digest, ImageRef};
use shared::prelude::*;
use shared::time;

use crate::spdx::is_expression;

settings! {
    /// The format of a label.
    pub enum Format {
        /// Any.
        Any => "any",
        /// An SPDX licence expression: `Apache-2.0 OR MIT`.
        Spdx => "spdx",
        /// An address: `https://git.example/app`.
        Url => "url",
        /// A time of RFC 3339: `2024-06-01T12:00:00Z`.
        Rfc3339 => "rfc3339",
        /// A git commit, in full or at least seven digits of it.
        Commit => "commit",
        /// A version of Semantic Versioning 2.0.0: `1.4.2`.
        Semver => "semver",
        /// A digest: `sha256:…`.
        Digest => "digest",
        /// A reference to an image.
        Image => "image",
    }
}

/// The formats that the labels of the specification have. Source: OCI image specification, "Pre-Defined Annotation Keys".
/// A version need not be one of Semantic Versioning there.
const STANDARD: [(&str, Format); 8] = [
    ("created", Format::Rfc3339),
    ("url", Format::Url),
    ("documentation", Format::Url),
    ("source", Format::Url),
    ("licenses", Format::Spdx),
    ("revision", Format::Commit),
    ("base.digest", Format::Digest),
    ("base.name", Format::Image),
];

impl Format {
    /// The format of a label of the specification.
    pub(crate) fn standard(name: &str) -> Self {
        let part = name.strip_prefix("org.opencontainers.image.").unwrap_or_default();
        STANDARD.iter().find(|(known, _)| *known == part).map_or(Self::Any, |(_, format)| *format)
    }

    /// Returns `true` if a value has this format.
    pub(crate) fn accepts(self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Spdx => is_expression(value),
            Self::Url => is_url(value),
            Self::Rfc3339 => time::seconds(value).is_some(),
            Self::Commit => Hash::read(value).is_some_and(|hash| hash.has_length(7, 64)),
            Self::Semver => is_semver(value),
            Self::Digest => Digest::parse(value).is_ok(),
            Self::Image => ImageRef::read(value).is_some(),
        }
    }

    /// What it is, and an instruction to use it.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Any => ("", ""),
            Self::Spdx => ("an SPDX licence expression", "use SPDX identifiers, as in \"Apache-2.0 OR MIT\""),
            Self::Url => ("an address with a scheme", "begin it with https://"),
            Self::Rfc3339 => ("a time of RFC 3339", "use a form such as 2024-06-01T12:00:00Z"),
            Self::Commit => ("a git commit", "use the 40 digits that git rev-parse HEAD prints"),
            Self::Semver => ("a semantic version", "use three numbers, as in 1.4.2"),
            Self::Digest => ("a digest", "use a form such as sha256:<64 digits>"),
            Self::Image => ("a reference to an image", "use a form such as docker.io/library/debian:12"),
        }
    }
}

/// Source: RFC 3986, section 3. Only what addresses with a host have in common.
fn is_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(is_scheme)
        && host.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && rest.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
        && !rest.contains(['<', '>', '"', '{', '}'])
}

/// Source: Semantic Versioning 2.0.0.
fn is_semver(value: &str) -> bool {
    let (rest, build) = value.split_once('+').map_or((value, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let is_number = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
    };
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && pre.is_none_or(is_pre_release)
        && build.is_none_or(is_build)
}
