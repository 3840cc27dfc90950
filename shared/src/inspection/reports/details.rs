//! The vulnerabilities that a report names.
//!
//! Source: `Vulnerability` of kubewarden/sbomscanner and of aquasecurity/trivy-operator.

use super::scanner::Scanner;
use super::summary::{SEVERITIES, text};
use json::{Node, Shape, Table};

use Shape::{List, Object, Scalar};

const SBOMSCANNER: Shape = Object(&[(
    "report",
    Object(&[(
        "results",
        List(&Object(&[(
            "vulnerabilities",
            List(&Object(&[
                ("cve", Scalar),
                ("fixedVersions", List(&Scalar)),
                ("packageName", Scalar),
                ("severity", Scalar),
                ("suppressed", Scalar),
            ])),
        )])),
    )]),
)]);

const TRIVY_OPERATOR: Shape = Object(&[(
    "report",
    Object(&[(
        "vulnerabilities",
        List(&Object(&[
            ("fixedVersion", Scalar),
            ("resource", Scalar),
            ("severity", Scalar),
            ("vulnerabilityID", Scalar),
        ])),
    )]),
)]);

/// A vulnerability in an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vulnerability {
    /// Its place among the [`SEVERITIES`].
    pub severity: usize,
    /// It has no fix yet.
    pub is_unfixed: bool,
    /// Its identifier, such as `CVE-2024-3094`.
    pub id: String,
    /// The package that has it; empty if it is not known.
    pub package: String,
    /// The version of that package that does not; empty if there is none.
    pub fixed_version: String,
}

/// Reads a report: each vulnerability once, with a package that has a fix if there is one, the worst and those with a fix first.
/// What is declared not to affect the image is left out.
pub(super) fn read(scanner: Scanner, text: &str) -> Option<Vec<Vulnerability>> {
    let shape = match scanner {
        Scanner::Sbomscanner => SBOMSCANNER,
        Scanner::TrivyOperator => TRIVY_OPERATOR,
    };
    let node = Node::read(text, shape, &Table::EMPTY).ok()?;
    let report = node.get("report")?;
    let mut all = Vec::new();
    match scanner {
        Scanner::Sbomscanner => {
            for result in items(report, "results") {
                all.extend(items(result, "vulnerabilities").filter_map(of_sbomscanner));
            }
        }
        Scanner::TrivyOperator => all.extend(items(report, "vulnerabilities").map(of_trivy_operator)),
    }
    all.retain(|vulnerability| !vulnerability.id.is_empty());
    all.sort_unstable_by(|one, other| (&one.id, one.is_unfixed, one).cmp(&(&other.id, other.is_unfixed, other)));
    all.dedup_by(|next, kept| {
        let is_same = next.id == kept.id;
        if is_same {
            kept.severity = kept.severity.min(next.severity);
        }
        is_same
    });
    all.sort_unstable();
    Some(all)
}

fn of_sbomscanner(item: &Node<'_>) -> Option<Vulnerability> {
    if item.get("suppressed") == Some(&Node::Bool(true)) {
        return None;
    }
    let fixed = items(item, "fixedVersions").find_map(Node::as_str);
    Some(vulnerability(item, "cve", "packageName", fixed.unwrap_or_default()))
}

fn of_trivy_operator(item: &Node<'_>) -> Vulnerability {
    // Several versions, of several branches, are separated by commas.
    let fixed = text(item, "fixedVersion").split(',').next().unwrap_or_default();
    vulnerability(item, "vulnerabilityID", "resource", fixed)
}

fn vulnerability(item: &Node<'_>, id: &str, package: &str, fixed_version: &str) -> Vulnerability {
    let severity = text(item, "severity");
    let known = SEVERITIES.iter().position(|known| known.eq_ignore_ascii_case(severity));
    Vulnerability {
        severity: known.unwrap_or(SEVERITIES.len().saturating_sub(1)),
        is_unfixed: fixed_version.is_empty(),
        id: text(item, id).to_owned(),
        package: text(item, package).to_owned(),
        fixed_version: fixed_version.to_owned(),
    }
}

fn items<'n, 'a>(node: &'n Node<'a>, field: &str) -> impl Iterator<Item = &'n Node<'a>> {
    let items = match node.get(field) {
        Some(Node::List(items)) => &items[..],
        _ => &[],
    };
    items.iter().map(|(_, item)| item)
}
