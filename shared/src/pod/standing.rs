//! What stood in the old object of an UPDATE, so that nothing is asked about it again.

use std::collections::BinaryHeap;

use super::images::PodImage;
use super::scope::{Scope, Subject};
use super::specification::{HOLDERS, Pod, VOLUMES};
use json::Node;

/// The pods of the old object, with what uses an image in each, as texts that are equal when all that the module reads of
/// them is.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    pods: Vec<String>,
    uses: Vec<String>,
}

impl Standing {
    /// Adds a pod of the old object.
    pub(crate) fn add(&mut self, pod: &Pod<'_>) {
        self.pods.push(of_pod(pod));
        let images = pod.images().unwrap_or_default();
        self.uses.extend(images.iter().map(|image| of_use(&image.scope)));
    }

    /// The same, to look things up in.
    pub(crate) fn sorted(self) -> Self {
        let sorted = |texts| BinaryHeap::from(texts).into_sorted_vec();
        Self { pods: sorted(self.pods), uses: sorted(self.uses) }
    }

    /// Whether a pod stood there, whatever its containers and volumes.
    pub(crate) fn has(&self, pod: &Pod<'_>) -> bool {
        self.pods.binary_search(&of_pod(pod)).is_ok()
    }

    /// Whether the container or volume that uses an image stood there.
    pub(crate) fn uses(&self, image: &PodImage<'_>) -> bool {
        self.uses.binary_search(&of_use(&image.scope)).is_ok()
    }
}

/// A pod by its place and the fields that are read of it.
fn of_pod(pod: &Pod<'_>) -> String {
    let mut text = json::string(pod.scope.position.pod);
    if let Node::Object(fields) = pod.scope.node {
        let is_own = |name: &str| name != VOLUMES && HOLDERS.iter().all(|(holder, _)| *holder != name);
        for (name, value) in fields.iter().filter(|(name, _)| is_own(name)) {
            text.push_str(&json::string(name));
            value.write(&mut text);
        }
    }
    with_defaults(text, &pod.scope)
}

/// A container or a volume by its pod, its class and the fields that are read of it.
fn of_use(scope: &Scope<'_>) -> String {
    let class = match scope.subject {
        Subject::Container(class, _) => class.name(),
        Subject::Pod | Subject::Volume(_) => "",
    };
    let mut text = json::string(scope.position.pod);
    text.push_str(class);
    scope.node.write(&mut text);
    with_defaults(text, scope)
}

/// With the fields that are inherited.
fn with_defaults(mut text: String, scope: &Scope<'_>) -> String {
    if let Some(defaults) = scope.defaults {
        defaults.write(&mut text);
    }
    text
}
