//! The scanners: the kinds of their reports, and what is asked for of them.

use crate::host::{ApiKind, Question};
use crate::kinds::Resource;
use crate::settings;

settings! {
    /// A scanner in the cluster.
    pub enum Scanner {
        /// The scanner of Kubewarden.
        Sbomscanner => "sbomscanner",
        /// The operator of Trivy, by Aqua Security.
        TrivyOperator => "trivyOperator",
    }
}

/// The reports of all scanners, as a policy may read them.
pub const RESOURCES: &[Resource] = &[
    Resource {
        group: "aquasecurity.github.io",
        version: "v1alpha1",
        kind: "VulnerabilityReport",
        plural: "vulnerabilityreports",
    },
    Resource {
        group: "storage.sbomscanner.kubewarden.io",
        version: "v1alpha1",
        kind: "VulnerabilityReport",
        plural: "vulnerabilityreports",
    },
];

impl Scanner {
    pub(super) fn kind(self) -> ApiKind<'static> {
        let api_version = match self {
            Self::Sbomscanner => "storage.sbomscanner.kubewarden.io/v1alpha1",
            Self::TrivyOperator => "aquasecurity.github.io/v1alpha1",
        };
        ApiKind { api_version, kind: "VulnerabilityReport" }
    }

    /// The question for all its reports: which image each is about, and how many vulnerabilities it counts. Those of
    /// `SBOMscanner` stand in namespaces of its own, those of Trivy Operator beside the workload.
    pub(super) fn list(self, namespace: &str) -> Question {
        match self {
            Self::Sbomscanner => Question::list(self.kind(), &["imageMetadata", "report.summary"]),
            Self::TrivyOperator => {
                let masks =
                    ["report.artifact", "report.os", "report.registry", "report.summary", "report.updateTimestamp"];
                Question::list_of_namespace(self.kind(), namespace, &masks)
            }
        }
    }

    /// The question for the vulnerabilities of a report.
    pub(super) fn details(self, namespace: &str, name: &str) -> Question {
        let masks: &[&str] = match self {
            Self::Sbomscanner => &[
                "report.results.vulnerabilities.cve",
                "report.results.vulnerabilities.fixedVersions",
                "report.results.vulnerabilities.packageName",
                "report.results.vulnerabilities.severity",
                "report.results.vulnerabilities.suppressed",
            ],
            Self::TrivyOperator => &[
                "report.vulnerabilities.fixedVersion",
                "report.vulnerabilities.resource",
                "report.vulnerabilities.severity",
                "report.vulnerabilities.vulnerabilityID",
            ],
        };
        Question::get(self.kind(), namespace, name, masks)
    }
}
