//! What scanners in the cluster have found in images: their reports, read as far as they are judged.

mod details;
mod matching;
mod name;
mod scanner;
mod summary;

pub use details::Vulnerability;
pub use scanner::{RESOURCES, Scanner};
pub use summary::{Report, SEVERITIES};

use super::inspector::{Inspector, asked};
use super::rules::unanswered;
use super::{NO_ANSWER, NOT_GRANTED, NOT_INSPECTED, Platforms};
use crate::findings::Found;
use crate::host::{Question, Unanswered};
use crate::malformed::Malformed;
use crate::pod::{Placement, Pod, PodImage};
use crate::settings::Keyed as _;
use crate::text::quote;
use json::{Node, Shape, Table};
use matching::{Wanted, choose};

/// The digest in the answer to the question for one.
const DIGEST: Shape = Shape::Object(&[("digest", Shape::Scalar)]);

/// The reports of scanners, for the images of one pod.
#[derive(Debug)]
pub struct Reports<'r> {
    inspector: &'r Inspector<'r>,
    placement: Placement<'r>,
    lists: Vec<(Scanner, Result<Vec<Report>, Found>)>,
}

/// The reports on one image.
#[derive(Debug)]
pub struct OfImage<'r> {
    /// The image: its normalised reference.
    pub name: String,
    /// The report of each scanner that has one.
    pub reports: Vec<&'r Report>,
    /// There are reports, but for other platforms.
    pub are_for_others: bool,
    /// Every scanner has answered, so that a report that is not here is nowhere.
    pub is_complete: bool,
    /// What kept a question from being answered.
    pub faults: Vec<Found>,
}

impl<'r> Reports<'r> {
    /// Lists the reports of these scanners; `None` if nothing may be asked now. Each list is asked for once per request.
    ///
    /// # Errors
    /// The fields that choose nodes cannot be read.
    pub(crate) fn list(
        inspector: &'r Inspector<'r>,
        pod: &'r Pod<'r>,
        scanners: &[Scanner],
        namespace: &str,
    ) -> Result<Option<Self>, Malformed> {
        let placement = pod.placement()?;
        if pod.images()?.iter().all(|image| !inspector.is_asked(pod, image)) {
            return Ok(None);
        }
        let mut lists = Vec::new();
        for scanner in scanners {
            let Some(answer) = inspector.ask(scanner.list(namespace)) else { return Ok(None) };
            let list = match answer {
                Ok(text) => summary::list(*scanner, &text).ok_or_else(|| unreadable(*scanner)),
                Err(reason) => Err(unanswered_by(*scanner, &reason, LISTED)),
            };
            lists.push((*scanner, list));
        }
        Ok(Some(Self { inspector, placement, lists }))
    }

    /// The reports on an image that the pod uses; `None` if the host may not be asked about it, or nobody can run it. With
    /// `resolves`, the registry says which digest a tag stands for.
    #[must_use]
    pub fn of(
        &self,
        pod: &Pod<'_>,
        image: &PodImage<'_>,
        platforms: &Platforms,
        resolves: bool,
    ) -> Option<OfImage<'_>> {
        let reference = image.reference()?;
        if !self.inspector.is_asked(pod, image) {
            return None;
        }
        let name = asked(&reference);
        let mut faults: Vec<Found> = self.lists.iter().filter_map(|(_, list)| list.as_ref().err().cloned()).collect();
        let is_complete = faults.is_empty();
        let mut digest = reference.digest().map(|digest| digest.to_string());
        if digest.is_none() && resolves {
            match self.inspector.ask(Question::digest(&name))? {
                Ok(text) => digest = digest_in(&text),
                Err(reason) => faults.push(unanswered(&name, &reason)),
            }
        }
        let wanted = Wanted::new(&reference, digest);
        let mut found = OfImage { name, reports: Vec::new(), are_for_others: false, is_complete, faults };
        for (_, list) in &self.lists {
            let Ok(list) = list else { continue };
            match choose(list, &wanted, platforms, &self.placement) {
                Ok(report) => found.reports.extend(report),
                Err(()) => found.are_for_others = true,
            }
        }
        Some(found)
    }

    /// The time of the newest report of a scanner, in seconds since 1970, if its reports have one.
    #[must_use]
    pub fn newest(&self, scanner: Scanner) -> Option<i64> {
        let lists = self.lists.iter().filter(|(of, _)| *of == scanner).filter_map(|(_, list)| list.as_ref().ok());
        lists.flatten().filter_map(|report| report.time).max()
    }

    /// The vulnerabilities that a report names, each once, the worst first.
    ///
    /// # Errors
    /// The host has no answer, or none that could be read.
    pub fn vulnerabilities(&self, report: &Report) -> Result<Vec<Vulnerability>, Found> {
        let scanner = report.scanner;
        let question = scanner.details(&report.namespace, &report.name);
        let answer = self.inspector.ask(question).unwrap_or(Err(Unanswered::TooMany));
        let text = answer.map_err(|reason| unanswered_by(scanner, &reason, READ))?;
        details::read(scanner, &text).ok_or_else(|| unreadable(scanner))
    }
}

fn digest_in(text: &str) -> Option<String> {
    let node = Node::read(text, DIGEST, &Table::EMPTY).ok()?;
    node.get("digest").and_then(Node::as_str).map(str::to_owned)
}

/// The finding of a list that is not what it should be.
fn unreadable(scanner: Scanner) -> Found {
    let problem = format!("the reports of {} cannot be read", scanner.key());
    NOT_INSPECTED.found(problem, "check its version, and the objects by kubectl get")
}

/// The words about a list that the host does not give: what is asked for, and an instruction.
const LISTED: [&str; 2] = ["the reports of", "install it, or leave it out of providers"];
/// The same about a report that was listed before.
const READ: [&str; 2] = ["a report of", "try again when the scanner has written a new one"];

/// The finding of a list or a report that the host does not give.
fn unanswered_by(scanner: Scanner, reason: &Unanswered, [what, fix]: [&str; 2]) -> Found {
    let (name, kind) = (scanner.key(), scanner.kind());
    match reason {
        Unanswered::NotGranted(capability) => NOT_GRANTED.found(
            format!("the policy is not granted {capability} of {} {}", kind.api_version, kind.kind),
            "add the kind to contextAwareResources of the ClusterAdmissionPolicy",
        ),
        Unanswered::Failed(words) => {
            NO_ANSWER.found(format!("{what} {name} cannot be had from the cluster: {}", quote(words)), fix)
        }
        Unanswered::TooLong(limit) => NOT_INSPECTED.found(
            format!("{what} {name} cannot be inspected: the answer is longer than {} MiB", limit >> 20),
            "delete reports on images that are not run any more",
        ),
        Unanswered::NotText => unreadable(scanner),
        Unanswered::TooMany => NOT_INSPECTED.found(
            "this image and those after it are not inspected: one request can ask twenty questions at most",
            "check them before they are deployed",
        ),
    }
}
