//! The report on an image, among those of a scanner.

use super::name::normalised;
use super::summary::Report;
use crate::image::ImageRef;
use crate::inspection::{Platform, Platforms};
use crate::pod::Placement;

/// The image that a report is looked for.
pub(super) struct Wanted {
    digest: Option<String>,
    reference: String,
}

impl Wanted {
    /// An image by its digest, or else by its normalised reference.
    pub(super) fn new(image: &ImageRef<'_>, digest: Option<String>) -> Self {
        Self { digest, reference: normalised(image) }
    }

    /// The image itself, of whatever platform: its content is the same in every registry.
    fn is_exactly(&self, report: &Report) -> bool {
        self.digest.as_deref().is_some_and(|digest| digest == report.digest)
    }

    /// The image of one of the platforms of an index.
    fn is_among(&self, report: &Report) -> bool {
        match &self.digest {
            Some(digest) => *digest == report.index_digest,
            None => report.reference.as_ref() == Some(&self.reference),
        }
    }
}

/// The report on an image that counts: of several the newest, and where that is not known the worst. An error if there are
/// reports, but for platforms on which the pod does not run.
pub(super) fn choose<'r>(
    reports: &'r [Report],
    wanted: &Wanted,
    platforms: &Platforms,
    placement: &Placement<'_>,
) -> Result<Option<&'r Report>, ()> {
    let mut found: Vec<&Report> = reports.iter().filter(|report| wanted.is_exactly(report)).collect();
    if found.is_empty() {
        let among: Vec<&Report> = reports.iter().filter(|report| wanted.is_among(report)).collect();
        let there: Vec<&Platform> = among.iter().filter_map(|report| report.platform.as_ref()).collect();
        let (chosen, _) = platforms.choose(&there, placement);
        let chosen: Vec<&Platform> = chosen.into_iter().filter_map(|index| there.get(index).copied()).collect();
        let is_chosen = |report: &&Report| report.platform.as_ref().is_none_or(|platform| chosen.contains(&platform));
        found = among.iter().copied().filter(is_chosen).collect();
        if found.is_empty() && !among.is_empty() {
            return Err(());
        }
    }
    let is_timed = found.iter().all(|report| report.time.is_some());
    Ok(found.into_iter().max_by_key(|report| (report.time.filter(|_| is_timed), report.counts)))
}
