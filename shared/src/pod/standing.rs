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
            write(value, &mut text);
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
    write(scope.node, &mut text);
    with_defaults(text, scope)
}

/// With the fields that are inherited.
fn with_defaults(mut text: String, scope: &Scope<'_>) -> String {
    if let Some(defaults) = scope.defaults {
        write(defaults, &mut text);
    }
    text
}

/// Adds a value to a text. Texts are equal when the values are, as far as they are kept.
fn write(node: &Node<'_>, text: &mut String) {
    match node {
        Node::Null => text.push('n'),
        Node::Bool(value) => text.push(if *value { 't' } else { 'f' }),
        Node::Integer(value) => text.push_str(&value.to_string()),
        Node::Number => text.push('#'),
        Node::String(value) => text.push_str(&json::string(value)),
        Node::Raw(value) => text.push_str(value),
        Node::List(items) => {
            text.push('[');
            for (_, item) in items {
                write(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Node::Object(fields) => {
            text.push('{');
            for (name, value) in fields {
                text.push_str(&json::string(name));
                write(value, text);
            }
            text.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use json::{Shape, Table};

    use super::*;

    #[test]
    fn texts_are_equal_when_the_values_are() {
        let values = [
            "null",
            "true",
            "false",
            "1",
            "-1",
            "11",
            "1.5",
            "\"1\"",
            "\"\"",
            "\"a\\\"\"",
            "[]",
            "{}",
            "[1]",
            "[1,1]",
            "[[1],1]",
            "[[1,1]]",
            "[\"1,1\"]",
            "{\"a\":1}",
            "{\"a\":\"1\"}",
            "{\"a\":{\"b\":1}}",
            "{\"a\":{},\"b\":1}",
            "{\"a\":[1]}",
        ];
        let texts = values.map(|value| {
            let mut text = String::new();
            write(&Node::read(value, Shape::Everything(9), &Table::EMPTY).unwrap(), &mut text);
            text
        });
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(texts.iter().position(|other| other == text), Some(index), "{}", values[index]);
        }
    }
}
