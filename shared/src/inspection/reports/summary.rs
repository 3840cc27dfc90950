//! The lists of reports: the image of each, and its counts.
//!
//! Source: `ImageMetadata` and `Summary` of kubewarden/sbomscanner, `VulnerabilityReportData` of aquasecurity/trivy-operator.

use super::name::normalised;
use super::scanner::Scanner;
use crate::image::ImageRef;
use crate::inspection::Platform;
use crate::time::seconds;
use json::{Node, Shape, Table};

use Shape::{List, Object, Scalar};

/// The severities, the worst first, as settings and messages name them.
pub const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "unknown"];

const METADATA: (&str, Shape) = ("metadata", Object(&[("name", Scalar), ("namespace", Scalar)]));

const SBOMSCANNER: Shape = Object(&[(
    "items",
    List(&Object(&[
        METADATA,
        (
            "imageMetadata",
            Object(&[
                ("digest", Scalar),
                ("indexDigest", Scalar),
                ("platform", Scalar),
                ("registryURI", Scalar),
                ("repository", Scalar),
                ("tag", Scalar),
            ]),
        ),
        (
            "report",
            Object(&[(
                "summary",
                Object(&[
                    ("critical", Scalar),
                    ("high", Scalar),
                    ("low", Scalar),
                    ("medium", Scalar),
                    ("unknown", Scalar),
                ]),
            )]),
        ),
    ])),
)]);

const TRIVY_OPERATOR: Shape = Object(&[(
    "items",
    List(&Object(&[
        METADATA,
        (
            "report",
            Object(&[
                ("artifact", Object(&[("digest", Scalar), ("repository", Scalar), ("tag", Scalar)])),
                ("os", Object(&[("eosl", Scalar), ("family", Scalar), ("name", Scalar)])),
                ("registry", Object(&[("server", Scalar)])),
                (
                    "summary",
                    Object(&[
                        ("criticalCount", Scalar),
                        ("highCount", Scalar),
                        ("lowCount", Scalar),
                        ("mediumCount", Scalar),
                        ("unknownCount", Scalar),
                    ]),
                ),
                ("updateTimestamp", Scalar),
            ]),
        ),
    ])),
)]);

/// A report, without the vulnerabilities that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The scanner that wrote it.
    pub scanner: Scanner,
    /// The numbers of vulnerabilities, in the order of [`SEVERITIES`]. One in several packages counts several times.
    pub counts: [i64; 5],
    /// When it was written, in seconds since 1970.
    pub time: Option<i64>,
    /// The day of that time: `2026-08-17`.
    pub day: Option<String>,
    /// The base system, if it gets no security fixes any more: `debian 10`.
    pub end_of_life: Option<String>,
    pub(super) namespace: String,
    pub(super) name: String,
    /// The digest of the image of one platform.
    pub(super) digest: String,
    /// The digest of the index that names it.
    pub(super) index_digest: String,
    /// The normalised reference by tag.
    pub(super) reference: Option<String>,
    /// The platform, if the report says it.
    pub(super) platform: Option<Platform>,
}

/// Reads a list. What says nothing of an image is left out.
pub(super) fn list(scanner: Scanner, text: &str) -> Option<Vec<Report>> {
    let (shape, report): (_, fn(&Node<'_>) -> Option<Report>) = match scanner {
        Scanner::Sbomscanner => (SBOMSCANNER, of_sbomscanner),
        Scanner::TrivyOperator => (TRIVY_OPERATOR, of_trivy_operator),
    };
    let node = Node::read(text, shape, &Table::EMPTY).ok()?;
    let Some(Node::List(items)) = node.get("items") else { return None };
    Some(items.iter().filter_map(|(_, item)| report(item)).collect())
}

fn of_sbomscanner(item: &Node<'_>) -> Option<Report> {
    let image = item.get("imageMetadata")?;
    let platform = text(image, "platform");
    Some(Report {
        counts: counts(item, ["critical", "high", "medium", "low", "unknown"]),
        digest: text(image, "digest").to_owned(),
        index_digest: text(image, "indexDigest").to_owned(),
        reference: reference(text(image, "registryURI"), text(image, "repository"), text(image, "tag")),
        platform: Platform::parse(platform),
        ..of(Scanner::Sbomscanner, item)
    })
}

fn of_trivy_operator(item: &Node<'_>) -> Option<Report> {
    let report = item.get("report")?;
    let nothing = Node::Null;
    let part = |name| report.get(name).unwrap_or(&nothing);
    let (artifact, system, time) = (part("artifact"), part("os"), text(report, "updateTimestamp"));
    let is_over = system.get("eosl") == Some(&Node::Bool(true));
    Some(Report {
        counts: counts(item, ["criticalCount", "highCount", "mediumCount", "lowCount", "unknownCount"]),
        time: seconds(time),
        day: seconds(time).and_then(|_| time.get(..10)).map(str::to_owned),
        end_of_life: is_over.then(|| [text(system, "family"), " ", text(system, "name")].concat()),
        digest: text(artifact, "digest").to_owned(),
        reference: reference(text(part("registry"), "server"), text(artifact, "repository"), text(artifact, "tag")),
        ..of(Scanner::TrivyOperator, item)
    })
}

/// What reports of all scanners have.
fn of(scanner: Scanner, item: &Node<'_>) -> Report {
    let metadata = item.get("metadata").unwrap_or(&Node::Null);
    Report {
        scanner,
        counts: [0; 5],
        time: None,
        day: None,
        end_of_life: None,
        namespace: text(metadata, "namespace").to_owned(),
        name: text(metadata, "name").to_owned(),
        digest: String::new(),
        index_digest: String::new(),
        reference: None,
        platform: None,
    }
}

/// The counts of a summary. One that is not a number counts as none.
fn counts(item: &Node<'_>, names: [&str; 5]) -> [i64; 5] {
    let summary = item.get("report").and_then(|report| report.get("summary"));
    names.map(|name| match summary.and_then(|summary| summary.get(name)) {
        Some(Node::Integer(count)) => *count,
        _ => 0,
    })
}

/// The normalised reference by tag.
fn reference(registry: &str, repository: &str, tag: &str) -> Option<String> {
    if tag.is_empty() {
        return None;
    }
    let text = [registry, "/", repository, ":", tag].concat();
    let image = ImageRef::read(text.strip_prefix('/').unwrap_or(&text))?;
    Some(normalised(&image))
}

/// The text of a field; empty if there is none.
pub(super) fn text<'n>(node: &'n Node<'_>, field: &str) -> &'n str {
    node.get(field).and_then(Node::as_str).unwrap_or_default()
}
