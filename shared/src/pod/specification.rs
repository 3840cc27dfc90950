//! Pod specifications.

use super::container::Container;
use super::model::Model;
use super::scope::{Position, Scope, Subject};
use crate::malformed::Malformed;
use json::Node;

/// The well-known node label that names the operating system.
pub(super) const OS_LABEL: &str = "kubernetes.io/os";

/// The lists of containers in a pod specification, in the order in which they are judged.
const CONTAINER_LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// How many containers one object may have. Real ones have a few; the limit bounds the time and memory for findings.
const MAX_CONTAINERS: usize = 2048;

/// A pod specification: that of a Pod, or the one in a pod template.
#[derive(Debug)]
pub struct Pod<'a> {
    pub(super) scope: Scope<'a>,
    containers: Vec<Container<'a>>,
    is_job: bool,
}

impl<'a> Pod<'a> {
    /// Reads the pod specification `node` that stands at `path`, and adds to the `count` of containers in the
    /// object. The controller of a job (`is_job`) lets it run to completion unless its `restartPolicy` is `Always`.
    pub(crate) fn read(
        node: &'a Node<'a>,
        path: &'a str,
        model: &'a Model,
        is_job: bool,
        count: &mut usize,
    ) -> Result<Self, Malformed> {
        let position = Position { pod: path, item: None };
        let scope = Scope { node, position, subject: Subject::Pod, model };
        let mut containers = Vec::new();
        for list in CONTAINER_LISTS {
            let items = scope.list(&[list])?;
            *count = count.saturating_add(items.len());
            if *count > MAX_CONTAINERS {
                let problem = format!("has too many items; an object may have {MAX_CONTAINERS} containers");
                return Err(position.malformed(&[list], &problem));
            }
            for (index, node) in items {
                let position = Position { item: Some((list, *index)), ..position };
                containers.push(Container::read(Scope { node, position, ..scope }, list)?);
            }
            if containers.is_empty() {
                return Err(position.malformed(&[list], "is empty or missing; a pod has at least one container"));
            }
        }
        Ok(Self { scope, containers, is_job })
    }

    /// Every container of every class: `containers`, then `initContainers`, then `ephemeralContainers`.
    #[must_use]
    pub fn containers(&self) -> &[Container<'a>] {
        &self.containers
    }

    /// Whether the pod runs to completion. The API server demands a `restartPolicy` other than `Always` of every Job, and
    /// refuses one in the kinds that keep pods running. Custom resources for jobs may leave it to their controller.
    ///
    /// # Errors
    /// `restartPolicy` is not a string.
    pub fn runs_to_completion(&self) -> Result<bool, Malformed> {
        let policy = self.scope.typed::<&str>(&["restartPolicy"])?;
        Ok(policy.map_or(self.is_job, |policy| matches!(policy, "Never" | "OnFailure")))
    }

    /// Whether the pod declares to run on Windows: `os.name`, or the node label `kubernetes.io/os` that it selects.
    ///
    /// # Errors
    /// One of the two is not a string.
    pub fn is_windows(&self) -> Result<bool, Malformed> {
        let os = self.scope.typed(&["os", "name"])?;
        let selected = self.scope.typed(&["nodeSelector", OS_LABEL])?;
        Ok(os.or(selected) == Some("windows"))
    }
}
