//! The nodes that a pod may run on, as far as its operating system and architecture go.

use super::fields::reads;
use super::scope::{Position, Scope};
use super::specification::{ARCHITECTURE_LABEL, OS_LABEL, Pod};
use crate::malformed::Malformed;
use json::Node;

/// The field of the terms of which a node has to meet one.
const TERMS: [&str; 4] =
    ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
/// The same as a path.
const TERMS_PATH: &str = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
/// The field of the requirements of a term, all of which a node has to meet.
const EXPRESSIONS: &str = "matchExpressions";

/// The nodes that a pod may run on: `os.name`, `nodeSelector` and the required node affinity, of which only the two labels
/// for operating system and architecture are read.
#[derive(Debug)]
pub struct Placement<'a> {
    os: [Option<&'a str>; 2],
    architecture: Option<&'a str>,
    terms: Vec<Vec<Requirement<'a>>>,
}

/// A requirement of a node affinity.
#[derive(Debug)]
struct Requirement<'a> {
    key: &'a str,
    operator: &'a str,
    values: Vec<&'a str>,
}

impl Placement<'_> {
    /// Returns `true` if the pod may run on a node with this operating system and architecture, or some architecture.
    #[must_use]
    pub fn allows(&self, os: &str, architecture: Option<&str>) -> bool {
        let is_met = |required: &Requirement<'_>| match required.key {
            OS_LABEL => required.allows(os),
            ARCHITECTURE_LABEL => architecture.is_none_or(|architecture| required.allows(architecture)),
            _ => true,
        };
        self.os.iter().flatten().all(|pinned| *pinned == os)
            && self.architecture.is_none_or(|pinned| architecture.is_none_or(|architecture| pinned == architecture))
            && (self.terms.is_empty() || self.terms.iter().any(|term| term.iter().all(is_met)))
    }
}

impl Requirement<'_> {
    /// Returns `true` if a node meets it whose label has this value.
    ///
    /// Source: Kubernetes API, core/v1 `NodeSelectorRequirement`.
    fn allows(&self, value: &str) -> bool {
        match self.operator {
            "In" => self.values.contains(&value),
            "NotIn" => !self.values.contains(&value),
            "DoesNotExist" => false,
            _ => true,
        }
    }
}

impl Pod<'_> {
    /// The nodes that it may run on.
    ///
    /// # Errors
    /// A field that pins them is ill-typed.
    pub fn placement(&self) -> Result<Placement<'_>, Malformed> {
        self.scope.require(reads::placement(), &["nodeSelector"])?;
        let mut terms = Vec::new();
        for (index, node) in self.scope.list(&TERMS)? {
            let position = Position { item: Some((TERMS_PATH, Some(*index))), ..self.scope.position };
            let term = Scope { node, position, defaults: None, ..self.scope };
            let expressions = term.list(&[EXPRESSIONS])?.iter().map(|item| requirement(&term, item));
            terms.push(expressions.collect::<Result<_, _>>()?);
        }
        Ok(Placement {
            os: [self.scope.typed(&["os", "name"])?, self.scope.typed(&["nodeSelector", OS_LABEL])?],
            architecture: self.scope.typed(&["nodeSelector", ARCHITECTURE_LABEL])?,
            terms,
        })
    }
}

fn requirement<'a>(term: &Scope<'a>, item: &'a (u32, Node<'a>)) -> Result<Requirement<'a>, Malformed> {
    let text = |field| Ok(term.item_string(EXPRESSIONS, item, field)?.unwrap_or_default());
    let unfit =
        |node: &Node<'_>, expected| Err(term.position.ill_typed_field(EXPRESSIONS, item.0, "values", node, expected));
    let values = match term.item_field(EXPRESSIONS, item, "values")? {
        None => Vec::new(),
        Some(Node::List(values)) => {
            let mut texts = Vec::new();
            for (_, value) in values {
                match value.as_str() {
                    Some(value) => texts.push(value),
                    None => return unfit(value, "a list of strings"),
                }
            }
            texts
        }
        Some(other) => return unfit(other, "a list"),
    };
    Ok(Requirement { key: text("key")?, operator: text("operator")?, values })
}
