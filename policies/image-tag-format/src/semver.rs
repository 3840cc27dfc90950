//! The semantic versions among tags.

use shared::image::tag::{self, Content, Version};

use crate::settings::{Allowed, Partial, Semver, VPrefix};

/// The reason why a tag that starts as a version is not accepted as a semantic one.
pub(crate) enum Fault<'t> {
    /// Something follows the numbers without a dash.
    Rest,
    GitDescribe,
    Calver,
    /// It starts with a number of four digits or more.
    Number,
    /// It is too short for a version, and holds something that says more.
    Holds(Content<'t>),
    EmptyNumber,
    LeadingZero,
    TooManyNumbers,
    Partial,
    WithoutV,
    WithV,
    Suffix(&'t str),
    PreRelease(&'t str),
    InvalidPreRelease(&'t str),
    Build(&'t str),
    InvalidBuild(&'t str),
}

impl Semver {
    pub(crate) fn fault<'t>(&self, tag: &'t str, version: &Version<'t>) -> Option<Fault<'t>> {
        let numbers = || version.numbers.split('.');
        let count = numbers().count();
        let has_leading_zero = numbers().any(|number| number.len() > 1 && number.starts_with('0'));
        let starts_with_year = numbers().next().is_some_and(|year| year.len() == 4);
        Some(if !version.unparsed.is_empty() {
            Fault::Rest
        } else if version.is_git_describe() {
            Fault::GitDescribe
        } else if tag::is_calver(tag) && (count == 1 || has_leading_zero || count < self.least() && starts_with_year) {
            Fault::Calver
        } else if count == 1 && version.numbers.len() > 3 {
            holds(tag).unwrap_or(Fault::Number)
        } else if numbers().any(str::is_empty) {
            Fault::EmptyNumber
        } else if has_leading_zero {
            Fault::LeadingZero
        } else if count > 3 {
            Fault::TooManyNumbers
        } else if count < self.least() {
            holds(tag).unwrap_or(Fault::Partial)
        } else if self.v_prefix == VPrefix::Require && !version.v_prefix {
            Fault::WithoutV
        } else if self.v_prefix == VPrefix::Deny && version.v_prefix {
            Fault::WithV
        } else {
            return self.tail_fault(version);
        })
    }

    /// The fewest numbers of a version.
    fn least(&self) -> usize {
        match self.partial {
            Partial::Deny => 3,
            Partial::Minor => 2,
            Partial::Major => 1,
        }
    }

    /// The fault of the text after the numbers.
    fn tail_fault<'t>(&self, version: &Version<'t>) -> Option<Fault<'t>> {
        let is_listed = |suffix: &str| self.suffixes.iter().any(|glob| glob.matches(suffix));
        let (pre_release, suffix) = match version.split(&is_listed) {
            (pre_release, Some(_)) => (pre_release, None),
            (_, None) => version.split(&tag::is_variant),
        };
        match suffix {
            // Unlike in a pre-release, a number may begin with a zero: `ubuntu22.04`.
            Some(text) if !tag::is_build(text) => return Some(Fault::InvalidPreRelease(text)),
            Some(text) if self.distro_suffix == Allowed::Deny => return Some(Fault::Suffix(text)),
            _ => {}
        }
        match pre_release {
            Some(text) if !tag::is_pre_release(text) => return Some(Fault::InvalidPreRelease(text)),
            Some(text) if self.prerelease == Allowed::Deny => return Some(Fault::PreRelease(text)),
            _ => {}
        }
        match version.build {
            Some(text) if !tag::is_build(text) => Some(Fault::InvalidBuild(text)),
            Some(text) if self.build == Allowed::Deny => Some(Fault::Build(text)),
            _ => None,
        }
    }
}

fn holds(tag: &str) -> Option<Fault<'_>> {
    tag::content(tag).map(Fault::Holds)
}
