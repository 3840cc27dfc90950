//! The fix: the same image from elsewhere.

use shared::image::ImageRef;
use shared::text::plain;

use crate::lists::{Lists, repository};
use crate::settings::{PublicImages, Settings};

/// What is needed to find the image elsewhere.
pub(crate) struct Fix<'f> {
    pub(crate) settings: &'f Settings,
    pub(crate) lists: &'f Lists<'f>,
    pub(crate) image: &'f ImageRef<'f>,
}

impl Fix<'_> {
    /// The fix for a public image.
    pub(crate) fn public(&self) -> String {
        if self.settings.public_images != PublicImages::RequireDigest {
            return self.elsewhere("use a copy of it in a registry of your own");
        }
        let name = self.mirrored().unwrap_or_else(|| self.image.name().to_owned());
        let tag = self.image.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
        format!("use {}{tag}@sha256:<digest>", plain(&name))
    }

    /// The fix that names the image in its mirror; `otherwise` where there is none.
    pub(crate) fn elsewhere(&self, otherwise: &str) -> String {
        let Some(name) = self.mirrored() else { return otherwise.to_owned() };
        let tag = self.image.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = self.image.digest().map(|digest| format!("@{digest}")).unwrap_or_default();
        format!("use {}{tag}{digest}", plain(&name))
    }

    /// The repository in the mirror of the longest path that has one, if the lists accept it there.
    fn mirrored(&self) -> Option<String> {
        let name = repository(self.image);
        let below = |of: &str| name.strip_prefix(of).filter(|rest| rest.starts_with('/'));
        let mirrors = self.settings.mirrors.0.iter();
        let mirrors = mirrors.filter_map(|(of, mirror)| Some((of.len(), mirror, below(of)?)));
        let (_, mirror, rest) = mirrors.max_by_key(|(length, ..)| *length)?;
        let mirrored = format!("{mirror}{rest}");
        let image = ImageRef::parse(&mirrored).ok()?;
        let is_refused =
            self.lists.denies(&image).is_some() || (self.lists.has_allowed() && !self.lists.allows(&image));
        (!is_refused).then_some(mirrored)
    }
}

/// What is wrong with a mirror or with what it mirrors.
pub(crate) fn mirror_fault(of: &str, mirror: &str) -> Option<&'static str> {
    if !is_normalised(of) {
        Some("the key is not a registry host, alone or with a path, as in docker.io/library")
    } else if !is_normalised(mirror) {
        Some("this is not a registry host, alone or with a path, as in registry.example/hub")
    } else {
        None
    }
}

/// Returns `true` if images below `path` have it in their normalised name too.
fn is_normalised(path: &str) -> bool {
    // An image of two parts: docker.io adds one to others.
    let name = format!("{path}/a/b");
    ImageRef::parse(&name).is_ok_and(|image| image.tag().is_none() && repository(&image) == name)
}
