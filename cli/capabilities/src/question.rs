//! What a policy can ask its host, as Kubewarden's callback handler reads it.
//!
//! Source: `CallbackRequestType` and `host_callback` of Kubewarden's policy-evaluator. The names of variants and fields are
//! those that sessions of kwctl hold.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A question of a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Question {
    /// `oci/v1/manifest_digest`: the digest of a manifest or index.
    OciManifestDigest {
        /// The image.
        image: String,
    },
    /// `oci/v1/oci_manifest`: a manifest or index.
    OciManifest {
        /// The image.
        image: String,
    },
    /// `oci/v1/oci_manifest_config`: the manifest of one platform, its digest and its configuration.
    OciManifestAndConfig {
        /// The image.
        image: String,
    },
    /// `oci/v1/verify` and `v2/verify`: signatures by public keys.
    SigstorePubKeyVerify {
        /// The image.
        image: String,
        /// PEM-encoded keys.
        pub_keys: Vec<String>,
        /// Annotations of every signature.
        annotations: Option<BTreeMap<String, String>>,
    },
    /// `oci/v1/verify` and `v2/verify`: keyless signatures of these identities.
    SigstoreKeylessVerify {
        /// The image.
        image: String,
        /// The identities, each with its issuer.
        keyless: Vec<BTreeMap<String, String>>,
        /// Annotations of every signature.
        annotations: Option<BTreeMap<String, String>>,
    },
    /// `oci/v2/verify`: keyless signatures of identities with these prefixes.
    SigstoreKeylessPrefixVerify {
        /// The image.
        image: String,
        /// The prefixes, each with its issuer.
        keyless_prefix: Vec<BTreeMap<String, String>>,
        /// Annotations of every signature.
        annotations: Option<BTreeMap<String, String>>,
    },
    /// `oci/v2/verify`: keyless signatures made in GitHub Actions.
    SigstoreGithubActionsVerify {
        /// The image.
        image: String,
        /// The owner of the repository.
        owner: String,
        /// The repository.
        repo: Option<String>,
        /// Annotations of every signature.
        annotations: Option<BTreeMap<String, String>>,
    },
    /// `oci/v2/verify`: signatures by a certificate.
    SigstoreCertificateVerify {
        /// The image.
        image: String,
        /// The PEM-encoded certificate.
        certificate: Vec<u8>,
        /// Its chain.
        certificate_chain: Option<Vec<Vec<u8>>>,
        /// Demands an entry in Rekor.
        require_rekor_bundle: bool,
        /// Annotations of every signature.
        annotations: Option<BTreeMap<String, String>>,
    },
    /// `net/v1/dns_lookup_host`: the addresses of a host.
    DNSLookupHost {
        /// The host.
        host: String,
    },
    /// `kubernetes/list_resources_by_namespace`: the objects of a kind in a namespace.
    KubernetesListResourceNamespace {
        /// `apiVersion`.
        api_version: String,
        /// `kind`.
        kind: String,
        /// The namespace.
        namespace: String,
        /// Selects by labels.
        label_selector: Option<String>,
        /// Selects by fields.
        field_selector: Option<String>,
        /// The fields to keep.
        field_masks: Option<BTreeSet<String>>,
    },
    /// `kubernetes/list_resources_all`: the objects of a kind.
    KubernetesListResourceAll {
        /// `apiVersion`.
        api_version: String,
        /// `kind`.
        kind: String,
        /// Selects by labels.
        label_selector: Option<String>,
        /// Selects by fields.
        field_selector: Option<String>,
        /// The fields to keep.
        field_masks: Option<BTreeSet<String>>,
    },
    /// `kubernetes/get_resource`: one object.
    KubernetesGetResource {
        /// `apiVersion`.
        api_version: String,
        /// `kind`.
        kind: String,
        /// Its name.
        name: String,
        /// Its namespace.
        namespace: Option<String>,
        /// Asks the API server even if the answer is known.
        disable_cache: bool,
        /// The fields to keep.
        field_masks: Option<BTreeSet<String>>,
    },
    /// `kubernetes/can_i`: the permission of a user.
    KubernetesCanI {
        /// The permission and the user.
        request: AccessReview,
        /// Asks the API server even if the answer is known.
        disable_cache: bool,
    },
    /// `crypto/v1/is_certificate_trusted`: a certificate against a chain.
    CryptoIsCertificateTrusted {
        /// The certificate and its chain.
        request: CertificateReview,
    },
}

/// The permission and the user of a review.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccessReview {
    groups: Option<Vec<String>>,
    resource_attributes: Attributes,
    user: String,
}

/// The resource and the verb of a permission.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Attributes {
    group: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
    resource: String,
    subresource: Option<String>,
    verb: String,
    version: Option<String>,
}

/// A certificate and its chain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CertificateReview {
    cert: Certificate,
    cert_chain: Option<Vec<Certificate>>,
    not_after: Option<String>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Certificate {
    encoding: String,
    data: Vec<u8>,
}

/// The payload of `can_i`.
#[derive(Deserialize)]
struct CanI {
    subject_access_review: AccessReview,
    disable_cache: bool,
}

impl Question {
    /// Reads a host call.
    ///
    /// # Errors
    ///
    /// The text that Kubewarden gives a policy for the same call.
    pub fn read(namespace: &str, operation: &str, payload: &[u8]) -> Result<Self, String> {
        let fault = |error: serde_json::Error| error.to_string();
        let text = || serde_json::from_slice::<String>(payload).map_err(fault);
        let fields = |variant: &str| variant_of(variant, serde_json::from_slice(payload).map_err(fault)?);
        match (namespace, operation) {
            ("oci", "v1/manifest_digest") => Ok(Self::OciManifestDigest { image: text()? }),
            ("oci", "v1/oci_manifest") => Ok(Self::OciManifest { image: text()? }),
            ("oci", "v1/oci_manifest_config") => Ok(Self::OciManifestAndConfig { image: text()? }),
            ("oci", "v1/verify") => signature(serde_json::from_slice(payload).map_err(fault)?),
            ("oci", "v2/verify") => {
                let mut fields: Value = serde_json::from_slice(payload).map_err(fault)?;
                let variant = fields.as_object_mut().and_then(|fields| fields.remove("type"));
                let variant = variant.as_ref().and_then(Value::as_str).ok_or("missing field `type`")?;
                signature(variant_of(variant, fields)?)
            }
            ("net", "v1/dns_lookup_host") => Ok(Self::DNSLookupHost { host: text()? }),
            ("crypto", "v1/is_certificate_trusted") => {
                Ok(Self::CryptoIsCertificateTrusted { request: serde_json::from_slice(payload).map_err(fault)? })
            }
            ("kubernetes", "list_resources_by_namespace") => fields("KubernetesListResourceNamespace"),
            ("kubernetes", "list_resources_all") => fields("KubernetesListResourceAll"),
            ("kubernetes", "get_resource") => fields("KubernetesGetResource"),
            ("kubernetes", "can_i") => {
                let CanI { subject_access_review, disable_cache } = serde_json::from_slice(payload).map_err(fault)?;
                Ok(Self::KubernetesCanI { request: subject_access_review, disable_cache })
            }
            ("oci" | "net" | "crypto" | "kubernetes" | "tracing", _) => Err(format!("unknown operation: {operation}")),
            _ => Err(format!("unknown namespace: {namespace}")),
        }
    }

    /// `apiVersion` and `kind` of the objects that are read, which a policy has to be granted one by one.
    #[must_use]
    pub fn resource(&self) -> Option<(&str, &str)> {
        match self {
            Self::KubernetesListResourceNamespace { api_version, kind, .. }
            | Self::KubernetesListResourceAll { api_version, kind, .. }
            | Self::KubernetesGetResource { api_version, kind, .. } => Some((api_version, kind)),
            _ => None,
        }
    }

    /// The image, if the question is about what is in one.
    #[must_use]
    pub fn image(&self) -> Option<&str> {
        match self {
            Self::OciManifestDigest { image } | Self::OciManifest { image } | Self::OciManifestAndConfig { image } => {
                Some(image)
            }
            _ => None,
        }
    }
}

/// The question of a variant with these fields.
fn variant_of(variant: &str, fields: Value) -> Result<Question, String> {
    let tagged = Value::Object([(variant.to_owned(), fields)].into_iter().collect());
    serde_json::from_value(tagged).map_err(|error| error.to_string())
}

/// Refuses what is not a question about signatures.
fn signature(question: Question) -> Result<Question, String> {
    match question {
        Question::SigstorePubKeyVerify { .. }
        | Question::SigstoreKeylessVerify { .. }
        | Question::SigstoreKeylessPrefixVerify { .. }
        | Question::SigstoreGithubActionsVerify { .. }
        | Question::SigstoreCertificateVerify { .. } => Ok(question),
        _ => Err("unknown variant".to_owned()),
    }
}
