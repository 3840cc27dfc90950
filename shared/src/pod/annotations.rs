//! The annotations of a pod: those of its template, beside its specification.

use super::fields::reads;
use super::model::Reads;
use super::scope::Field;
use super::specification::Pod;
use crate::malformed::Malformed;
use json::Node;

/// An annotation of a pod.
#[derive(Clone, Copy, Debug)]
pub struct Annotation<'a> {
    /// Its key.
    pub key: &'a str,
    /// Its value, and the place of all annotations.
    pub field: Field<'a, &'a str>,
}

/// The most annotations that are judged: two profiles for each of the containers that an object may have, or for the time that
/// a hostile one takes.
const MAX_ANNOTATIONS: usize = 4096;

/// What the keys of annotations about profiles begin with.
const PROFILES: [&str; 3] = [
    "seccomp.security.alpha.kubernetes.io/pod",
    "container.seccomp.security.alpha.kubernetes.io/",
    "container.apparmor.security.beta.kubernetes.io/",
];

impl Pod<'_> {
    /// Its annotations that choose a profile of seccomp or `AppArmor`.
    ///
    /// # Errors
    /// They are not an object whose values are strings.
    pub fn profile_annotations(&self) -> Result<Vec<Annotation<'_>>, Malformed> {
        self.annotations(reads::annotations(), &PROFILES)
    }

    /// Its annotations by which Prometheus finds it. A convention: the example configuration of Prometheus for Kubernetes.
    ///
    /// # Errors
    /// They are not an object whose values are strings.
    pub fn scrape_annotations(&self) -> Result<Vec<Annotation<'_>>, Malformed> {
        self.annotations(reads::scrape_annotations(), &["prometheus.io/"])
    }

    /// All of its annotations.
    ///
    /// # Errors
    /// They are not an object whose values are strings.
    pub fn every_annotation(&self) -> Result<Vec<Annotation<'_>>, Malformed> {
        self.annotations(reads::every_annotation(), &[""])
    }

    /// `helm.sh/hook`: when Helm runs it, such as `test`. Source: Helm, "Chart Hooks".
    ///
    /// # Errors
    /// It is not a string.
    pub fn hook_annotation(&self) -> Result<Option<&str>, Malformed> {
        let hook = self.annotations(reads::hook_annotation(), &["helm.sh/hook"])?;
        Ok(hook.first().and_then(|hook| hook.field.value))
    }

    /// Its annotations whose keys begin with one of these prefixes.
    fn annotations(&self, reads: Reads, prefixes: &[&str]) -> Result<Vec<Annotation<'_>>, Malformed> {
        self.scope.require(reads, &["metadata", "annotations"])?;
        let Some(metadata) = &self.metadata else { return Ok(Vec::new()) };
        let path: &[&str] = &["annotations"];
        let Some(all) = metadata.value(path)? else { return Ok(Vec::new()) };
        let Node::Object(entries) = all else { return Err(metadata.position.ill_typed(path, all, "an object")) };
        let mut annotations: Vec<Annotation<'_>> = Vec::new();
        for (key, _) in entries {
            // The last of several counts, and `null` is absent. Other policies may read others.
            let is_concerned = prefixes.iter().any(|prefix| key.starts_with(prefix));
            let is_new = || annotations.iter().all(|known| known.key != key);
            let Some(value) = all.get(key).filter(|_| is_concerned && is_new()) else { continue };
            let Node::String(text) = value else {
                return Err(metadata.position.ill_typed(&["annotations", key], value, "a string"));
            };
            if annotations.len() == MAX_ANNOTATIONS {
                return Err(metadata.position.malformed(path, "has too many entries"));
            }
            annotations.push(Annotation { key, field: metadata.with(Some(text.as_ref()), path) });
        }
        Ok(annotations)
    }
}
