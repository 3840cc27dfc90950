//! The questions: capabilities with their arguments, written as Kubewarden's SDK writes them.

/// The capabilities of a policy that inspects images.
pub const IMAGES: &[&str] = &[MANIFEST, CONFIGURATION];

/// The capabilities of a policy that reads the reports of scanners.
pub const REPORTS: &[&str] = &[DIGEST, GET, LIST_ALL, LIST_NAMESPACE];

const GET: &str = "kubernetes/get_resource";
const LIST_ALL: &str = "kubernetes/list_resources_all";
const LIST_NAMESPACE: &str = "kubernetes/list_resources_by_namespace";
const DIGEST: &str = "oci/v1/manifest_digest";
const MANIFEST: &str = "oci/v1/oci_manifest";
const CONFIGURATION: &str = "oci/v1/oci_manifest_config";

/// The largest answer about an image, in bytes. Registries take manifests of at most 4 MiB.
///
/// Source: OCI distribution specification, "Pushing Manifests".
const MAX_IMAGE: usize = 4 * 1024 * 1024;

/// The largest answer about objects of the cluster, in bytes.
const MAX_OBJECTS: usize = 16 * 1024 * 1024;

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

    /// The objects of a kind in the whole cluster, each with these fields and its metadata. `masks` are in the order of the
    /// alphabet. The host watches what it is asked for, for good, so a policy asks with few and constant arguments.
    #[must_use]
    pub fn list(kind: ApiKind<'_>, masks: &[&str]) -> Self {
        kind.question(LIST_ALL, &[("label_selector", NULL), ("field_selector", NULL)], masks)
    }

    /// The same in one namespace.
    #[must_use]
    pub fn list_of_namespace(kind: ApiKind<'_>, namespace: &str, masks: &[&str]) -> Self {
        let namespace = json::string(namespace);
        let fields = [("namespace", &*namespace), ("label_selector", NULL), ("field_selector", NULL)];
        kind.question(LIST_NAMESPACE, &fields, masks)
    }

    /// One object, which the host does not watch.
    #[must_use]
    pub fn get(kind: ApiKind<'_>, namespace: &str, name: &str, masks: &[&str]) -> Self {
        let (name, namespace) = (json::string(name), json::string(namespace));
        kind.question(GET, &[("name", &name), ("namespace", &namespace), ("disable_cache", "false")], masks)
    }

    /// `image` is normalised: the host caches answers by the text of the reference.
    fn about_image(capability: &'static str, image: &str) -> Self {
        Self { capability, payload: json::string(image), limit: MAX_IMAGE }
    }
}

const NULL: &str = "null";

/// A kind of objects, with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiKind<'k> {
    /// `apiVersion`
    pub api_version: &'k str,
    /// `kind`
    pub kind: &'k str,
}

impl ApiKind<'_> {
    /// A question about objects, whose fields have values in JSON.
    fn question(self, capability: &'static str, fields: &[(&str, &str)], masks: &[&str]) -> Question {
        let masks: Vec<String> = masks.iter().map(|mask| json::string(mask)).collect();
        let mut all =
            vec![("api_version", Some(json::string(self.api_version))), ("kind", Some(json::string(self.kind)))];
        all.extend(fields.iter().map(|(name, value)| (*name, Some((*value).to_owned()))));
        all.push(("field_masks", Some(["[", &masks.join(","), "]"].concat())));
        Question { capability, payload: json::object(&all), limit: MAX_OBJECTS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_objects_is_what_the_sdk_writes() {
        let kind = ApiKind { api_version: "a.example/v1", kind: "Report" };
        let list = r#"{"api_version":"a.example/v1","kind":"Report","label_selector":null,"field_selector":null,"field_masks":["a","b.c"]}"#;
        assert_eq!(Question::list(kind, &["a", "b.c"]).payload, list);
        let of_namespace = r#"{"api_version":"a.example/v1","kind":"Report","namespace":"shop","label_selector":null,"field_selector":null,"field_masks":["a"]}"#;
        assert_eq!(Question::list_of_namespace(kind, "shop", &["a"]).payload, of_namespace);
        let get = r#"{"api_version":"a.example/v1","kind":"Report","name":"r","namespace":"shop","disable_cache":false,"field_masks":["a"]}"#;
        assert_eq!(Question::get(kind, "shop", "r", &["a"]).payload, get);
    }

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
