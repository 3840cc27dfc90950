//! Which images of a pod a policy asks about, and for which platforms.

use super::document::{Document, Entry};
use super::inspected::{Inspected, Inspection, Stopped};
use super::platform::{Platform, Platforms};
use super::rules::{Fault, is_of_request, names, no_platform, not_inspected, unanswered};
use crate::common::{ClassAction, ClassActions, Exemption};
use crate::findings::{Finding, Findings, Found};
use crate::host::{Answer, Host, Question, Unanswered};
use crate::image::{Digest, ImageRef};
use crate::malformed::Malformed;
use crate::pod::{Placement, Pod, PodImage, Standing};

/// Asks about the images of pods for one policy.
#[derive(Debug)]
pub struct Inspector<'i> {
    pub(crate) host: &'i Host<'i>,
    /// A policy of the module needs the configuration of every image.
    pub(crate) with_configuration: bool,
    /// Nothing is asked about an object whose findings are not going to deny, or that stood before.
    pub(crate) asks: Asks<'i>,
    /// The exemptions that concern the request.
    pub(crate) exemptions: Vec<&'i Exemption>,
    /// How strictly each class is judged.
    pub(crate) containers: ClassActions,
}

/// What is asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asks<'i> {
    /// Everything, but what stood in the old object.
    AllBut(Option<&'i Standing>),
    /// Nothing that was not asked before.
    Known,
    /// Nothing.
    Nothing,
}

/// The parts of a policy that judges images.
pub(crate) struct Judging<'j> {
    /// The platforms to judge.
    pub(crate) platforms: &'j Platforms,
    /// Returns `true` if the image decides, and not the manifest.
    pub(crate) is_left_to: &'j dyn Fn(&PodImage<'_>) -> Result<bool, Malformed>,
    /// Judges the image of one platform.
    pub(crate) check: &'j dyn Fn(&PodImage<'_>, &Inspected<'_>, &mut Findings) -> Inspection,
}

impl Inspector<'_> {
    /// Judges the images of a pod. One that is not a valid reference is left to the policies on references: no node runs it.
    pub(crate) fn inspect(
        &self,
        pod: &Pod<'_>,
        judging: &Judging<'_>,
        findings: &mut Findings,
    ) -> Result<(), Malformed> {
        let placement = pod.placement()?;
        for image in pod.images()? {
            // A field that cannot be read is refused whether or not anything is asked.
            let is_left = (judging.is_left_to)(&image)?;
            let Some(parsed) = image.reference() else { continue };
            if !is_left || !self.is_asked(pod, &image) {
                continue;
            }
            let mut merged = Vec::new();
            let images = self.images(&parsed, judging.platforms, &placement);
            for (platform, inspected) in &images {
                let mut found = Findings::default();
                let judged = match inspected {
                    Ok(inspected) => (judging.check)(&image, inspected, &mut found),
                    Err(fault) => Err(Stopped::Found(fault.clone())),
                };
                match judged {
                    Ok(()) => {}
                    Err(Stopped::Malformed(malformed)) => return Err(malformed),
                    Err(Stopped::Found(stopped)) => found.add(&image, [stopped]),
                }
                merge(&mut merged, platform.as_ref(), found);
            }
            findings.0.extend(merged.into_iter().map(of_platforms));
        }
        Ok(())
    }

    /// Returns `true` if the host may be asked about an image of the pod.
    pub(crate) fn is_asked(&self, pod: &Pod<'_>, image: &PodImage<'_>) -> bool {
        let stands = match self.asks {
            Asks::AllBut(standing) => standing.is_some_and(|standing| standing.has(pod) && standing.uses(image)),
            Asks::Known => false,
            Asks::Nothing => return false,
        };
        !stands && !self.is_passed_over(image)
    }

    /// The answer to a question; `None` if it may not be asked now, and was not before.
    pub(crate) fn ask(&self, question: Question) -> Option<Answer> {
        match self.asks {
            Asks::AllBut(_) => Some(self.host.ask(question)),
            // What was not asked about the new object cannot excuse it.
            Asks::Known | Asks::Nothing => self.host.known(&question),
        }
    }

    /// Returns `true` if no finding of an image would count: its class is ignored, or it is exempt from every rule.
    fn is_passed_over(&self, image: &PodImage<'_>) -> bool {
        image.class().and_then(|class| self.containers.of(class)) == Some(ClassAction::Ignore)
            || self.exemptions.iter().any(|exemption| {
                exemption.rules.is_empty() && exemption.names(image.container_name(), Some(image.text()))
            })
    }

    /// The images of the platforms that are judged, or why one of them cannot be, with the platform where there are several.
    fn images(
        &self,
        image: &ImageRef<'_>,
        platforms: &Platforms,
        placement: &Placement<'_>,
    ) -> Vec<(Option<Platform>, Result<Inspected<'_>, Found>)> {
        let name = asked(image);
        let question = Question::manifest(&name);
        let answer = match self.asks {
            Asks::AllBut(_) if !self.host.admits(&name) => Err(Unanswered::TooMany),
            _ => match self.ask(question) {
                Some(answer) => answer,
                None => return Vec::new(),
            },
        };
        let entries = match answer
            .map_err(|reason| unanswered(&name, &reason))
            .and_then(|answer| Document::read(&answer).map_err(|fault| not_inspected(&name, &fault)))
        {
            Err(found) => return vec![(None, Err(found))],
            Ok(Document::Image(manifest)) => {
                return vec![(None, Ok(Inspected::new(self.host, name.clone(), name, manifest)))];
            }
            Ok(Document::Index(entries)) => entries,
        };
        let there: Vec<_> = entries.iter().map(|entry| &entry.platform).collect();
        let (chosen, lacking) = platforms.choose(&there, placement);
        let child = |entry: &Entry| {
            let child = if entry.is_index {
                Err(not_inspected(&name, &Fault::NestedIndex))
            } else if Digest::parse(&entry.digest).is_err() {
                Err(not_inspected(&name, &Fault::Unreadable("its index holds a digest that is not valid")))
            } else {
                let reference = [&image.repository().to_string(), "@", &entry.digest].concat();
                Inspected::ask(self.host, &name, reference, self.with_configuration)
            };
            ((entries.len() > 1).then(|| entry.platform.clone()), child)
        };
        let mut images: Vec<_> = chosen.into_iter().filter_map(|index| entries.get(index)).map(child).collect();
        if images.is_empty() || !lacking.is_empty() {
            images.push((None, Err(no_platform(&name, &lacking, &there))));
        }
        images
    }
}

/// The reference that is asked about: with a digest, the tag decides nothing.
pub(super) fn asked(image: &ImageRef<'_>) -> String {
    let repository = image.repository().to_string();
    match image.digest() {
        Some(digest) => [&repository, "@", &digest.to_string()].concat(),
        None => [&repository, ":", image.tag().unwrap_or("latest")].concat(),
    }
}

/// Adds what was found for a platform to the same findings of others.
fn merge<'p>(merged: &mut Vec<(Finding, Vec<&'p Platform>)>, platform: Option<&'p Platform>, found: Findings) {
    for finding in found.0 {
        match merged.iter_mut().find(|(known, _)| *known == finding) {
            Some((_, platforms)) => platforms.extend(platform),
            None => merged.push((finding, platform.into_iter().collect())),
        }
    }
}

/// A finding that names its platforms, where the image has several.
fn of_platforms((finding, platforms): (Finding, Vec<&Platform>)) -> Finding {
    if platforms.is_empty() || is_of_request(&finding) {
        return finding;
    }
    Finding { problem: ["on ", &names(&platforms), ", ", &finding.problem].concat(), ..finding }
}
