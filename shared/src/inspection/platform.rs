//! Platforms of images, and which of them are judged.

use std::fmt;

use crate::pod::Placement;
#[cfg(feature = "describe")]
use crate::settings::{Choice, Kind, Pattern, Tree};
use crate::settings::{Given, Setting};

/// The most platforms of one image that are judged.
const MAX_PLATFORMS: usize = 3;

/// The platform that is judged where the pod may run on it.
const USUAL: (&str, &str) = ("linux", "amd64");

/// A platform. Source: OCI image specification, "Image Index".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The operating system.
    pub os: String,
    /// The architecture.
    pub architecture: String,
    /// The variant of the architecture; empty when there is none.
    pub variant: String,
}

impl Platform {
    /// The form of a platform in settings, as a regular expression.
    #[cfg(feature = "describe")]
    const FORM: &'static [&'static str] = &["^[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?$"];

    /// Reads `os/architecture` or `os/architecture/variant`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let mut part = |is_variant: bool| {
            let part = parts.next()?;
            let is_valid = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || is_variant && byte == b'.';
            (!part.is_empty() && part.bytes().all(is_valid)).then(|| part.to_owned())
        };
        let (os, architecture) = (part(false)?, part(false)?);
        let variant = if text.matches('/').count() > 1 { part(true)? } else { String::new() };
        parts.next().is_none().then_some(Self { os, architecture, variant })
    }

    /// The variant that is meant where none is written, and none where it is the only one.
    ///
    /// Source: containerd, platforms `normalizeArch`.
    fn usual_variant(&self) -> &str {
        match (self.architecture.as_str(), self.variant.as_str()) {
            ("arm64", "v8") | ("amd64", "v1") => "",
            ("arm", "") => "v7",
            (_, variant) => variant,
        }
    }

    /// Returns `true` if `other` is the same operating system and architecture.
    fn is_like(&self, other: &Self) -> bool {
        (&self.os, &self.architecture) == (&other.os, &other.architecture)
    }

    /// The index of this platform among those of an image: the same variant, or any if none is asked for.
    fn position(&self, among: &[&Self]) -> Option<usize> {
        let same = |other: &&Self| self.is_like(other) && self.usual_variant() == other.usual_variant();
        let first = among.iter().position(same);
        first.or_else(|| among.iter().position(|other| self.variant.is_empty() && self.is_like(other)))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.os)?;
        for part in [&self.architecture, &self.variant] {
            if !part.is_empty() {
                f.write_str("/")?;
                f.write_str(part)?;
            }
        }
        Ok(())
    }
}

impl Setting for Platform {
    fn read(given: Given<'_>) -> Option<Self> {
        let platform = Self::parse(given.text()?);
        platform
            .or_else(|| given.fault("this is not a platform; it is written os/architecture or os/architecture/variant"))
    }

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        Kind::Pattern(&Pattern { matches: Self::FORM, except: &[] })
    }

    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree {
        self.to_string().into()
    }
}

/// The platforms of an image that are judged: a setting of policies that inspect images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Platforms {
    /// One that the pod may run on: `linux/amd64` if there is such an image.
    Auto,
    /// Every platform of the image, at most three.
    All,
    /// These.
    List(Vec<Platform>),
}

impl Platforms {
    /// The indices of those that are judged among the platforms of an image, and those of a list that it lacks.
    pub(super) fn choose<'p>(
        &'p self,
        there: &[&Platform],
        placement: &Placement<'_>,
    ) -> (Vec<usize>, Vec<&'p Platform>) {
        match self {
            Self::Auto => (usual(there, placement).into_iter().collect(), Vec::new()),
            Self::All => ((0..there.len().min(MAX_PLATFORMS)).collect(), Vec::new()),
            Self::List(wanted) => {
                let (mut chosen, mut lacking) = (Vec::new(), Vec::new());
                for platform in wanted {
                    match platform.position(there) {
                        Some(index) => chosen.push(index),
                        None => lacking.push(platform),
                    }
                }
                (chosen, lacking)
            }
        }
    }
}

/// The platform that the pod may run on: the usual one, else the first of Linux, else the first, if the pod does not run on
/// Linux. One that is not known comes last, since any node tries it.
fn usual(there: &[&Platform], placement: &Placement<'_>) -> Option<usize> {
    let first = |is: &dyn Fn(&Platform) -> bool| {
        there.iter().position(|platform| placement.allows(&platform.os, Some(&platform.architecture)) && is(platform))
    };
    let is_usual = |platform: &Platform| (platform.os.as_str(), platform.architecture.as_str()) == USUAL;
    let may_be_linux = placement.allows(USUAL.0, None);
    first(&is_usual)
        .or_else(|| first(&|platform| platform.os == USUAL.0))
        .or_else(|| first(&|_| !may_be_linux))
        .or_else(|| there.iter().position(|platform| platform.os.is_empty()))
}

/// The names of the choices.
const CHOICES: [&str; 2] = ["auto", "all"];

impl Setting for Platforms {
    fn read(given: Given<'_>) -> Option<Self> {
        let Some(length) = given.list_length() else {
            return [Self::Auto, Self::All].into_iter().nth(given.choice(&CHOICES)?);
        };
        if length == 0 || length > MAX_PLATFORMS {
            return given.fault("this list must have one to three platforms");
        }
        Vec::read(given).map(Self::List)
    }

    #[cfg(feature = "describe")]
    fn kind() -> Kind {
        let about = ["One that the pod may run on, linux/amd64 if there is one.", "Every one, at most three."];
        let choices = CHOICES.iter().zip(about).map(|(name, about)| Choice { name, about });
        Kind::ChoiceOrList(choices.collect(), Box::new(Platform::kind()), MAX_PLATFORMS)
    }

    #[cfg(feature = "describe")]
    fn tree(&self) -> Tree {
        match self {
            Self::Auto => "auto".into(),
            Self::All => "all".into(),
            Self::List(platforms) => platforms.tree(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        Platform::parse(text).unwrap()
    }

    #[test]
    fn a_platform_is_two_or_three_words() {
        for text in ["linux/amd64", "linux/arm64/v8", "windows/amd64", "linux/arm/v7", "a/b/1.2"] {
            assert_eq!(platform(text).to_string(), text);
        }
        for text in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "linux/amd64/",
            "linux/arm/v7/x",
            "Linux/amd64",
            "linux/a_b",
            "linux/a.b",
            "linux//v8",
        ] {
            assert_eq!(Platform::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_variant_that_is_not_written_is_the_usual_one() {
        let there =
            ["linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/amd64", "linux/amd64/v3", "linux/ppc64le"];
        let there = there.map(platform);
        let there: Vec<&Platform> = there.iter().collect();
        for (wanted, index) in [
            ("linux/arm", Some(1)),
            ("linux/arm/v6", Some(0)),
            ("linux/arm/v5", None),
            ("linux/arm64", Some(2)),
            ("linux/arm64/v8", Some(2)),
            ("linux/arm64/v9", None),
            ("linux/amd64/v1", Some(3)),
            ("linux/amd64/v3", Some(4)),
            ("linux/ppc64le", Some(5)),
            ("windows/amd64", None),
        ] {
            assert_eq!(platform(wanted).position(&there), index, "{wanted}");
        }
        assert_eq!(platform("linux/arm").position(&[&platform("linux/arm/v6")]), Some(0));
        assert_eq!(platform("linux/amd64").position(&[&platform("linux/amd64/v2")]), Some(0));
    }
}
