//! The questions: capabilities with their arguments, written as Kubewarden's SDK writes them.

/// The capabilities of a policy that inspects images.
pub const IMAGES: &[&str] = &[MANIFEST, CONFIGURATION];

const DIGEST: &str = "oci/v1/manifest_digest";
const MANIFEST: &str = "oci/v1/oci_manifest";
const CONFIGURATION: &str = "oci/v1/oci_manifest_config";

/// The largest answer about an image, in bytes. Registries take manifests of at most 4 MiB.
///
/// Source: OCI distribution specification, "Pushing Manifests".
const MAX_IMAGE: usize = 4 * 1024 * 1024;

/// A question. Constructors instead of a list of all capabilities, so that a module holds the names of those alone that
/// it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The capability that it needs: a namespace, a slash and an operation.
    pub capability: &'static str,
    /// The argument, as JSON.
    pub payload: String,
    /// The largest answer that is read, in bytes.
    pub limit: usize,
}

impl Question {
    /// The digest that a tag stands for: `{"digest": …}`. Of an index, that of the index.
    #[must_use]
    pub fn digest(image: &str) -> Self {
        Self::about_image(DIGEST, image)
    }

    /// The manifest of an image, or the index of its platforms.
    #[must_use]
    pub fn manifest(image: &str) -> Self {
        Self::about_image(MANIFEST, image)
    }

    /// `{"manifest": …, "digest": …, "config": …}` of an image. Of an index, the host chooses the platform that it runs on
    /// itself.
    #[must_use]
    pub fn configuration(image: &str) -> Self {
        Self::about_image(CONFIGURATION, image)
    }

    /// `image` is normalised: the host caches answers by the text of the reference.
    fn about_image(capability: &'static str, image: &str) -> Self {
        Self { capability, payload: json::string(image), limit: MAX_IMAGE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_an_image_is_the_reference_as_json() {
        let image = "registry.example:5000/team/app:1.0";
        for (question, capability) in [
            (Question::digest(image), "oci/v1/manifest_digest"),
            (Question::manifest(image), "oci/v1/oci_manifest"),
            (Question::configuration(image), "oci/v1/oci_manifest_config"),
        ] {
            assert_eq!(
                (question.capability, question.payload.as_str()),
                (capability, "\"registry.example:5000/team/app:1.0\"")
            );
        }
    }
}
