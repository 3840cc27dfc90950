//! The objects in a document.

use serde_json::{Map, Value};

use crate::documents::Document;
use crate::places::{Origin, join};
use crate::problem::Problem;
use crate::yaml::Located;

/// Something to judge.
#[derive(Debug)]
pub enum Item {
    /// An object, to be judged as if it were created.
    Object(Object),
    /// A whole AdmissionRequest, to be judged as it is.
    Request {
        /// The request.
        request: Map<String, Value>,
        /// The origin of the object of the request.
        origin: Origin,
    },
}

/// A Kubernetes object.
#[derive(Debug)]
pub struct Object {
    /// `apiVersion`, such as `apps/v1`.
    pub api_version: String,
    /// `kind`, such as `Deployment`.
    pub kind: String,
    /// The whole object.
    pub body: Map<String, Value>,
    /// Its place.
    pub origin: Origin,
}

/// The place of a document, and what is read from it.
struct Reader<'a> {
    document: Origin,
    column: usize,
    items: &'a mut Vec<Result<Item, Problem>>,
}

/// Adds the items of a document: of a List those of every item, of an AdmissionReview its request.
pub(crate) fn items(document: &Document<'_>, located: Located, items: &mut Vec<Result<Item, Problem>>) {
    let Located { value, line, column } = located;
    Reader { document: Origin::new(document, line), column, items }.read(value, "");
}

impl Reader<'_> {
    /// Reads a value; `inside` is its place in the document, such as `items[2]`.
    fn read(&mut self, value: Value, inside: &str) {
        let Value::Object(mut body) = value else {
            return self.refuse(inside, &format!("it is {}", name(&value)));
        };
        if is_request(&body) {
            let origin = self.document.at(&join(inside, "object"));
            return self.items.push(Ok(Item::Request { request: body, origin }));
        }
        let (api_version, kind) = match (body.get("apiVersion"), body.get("kind")) {
            (Some(Value::String(api_version)), Some(Value::String(kind))) => (api_version.clone(), kind.clone()),
            (Some(Value::String(_)), other) => return self.refuse(inside, &fault("kind", other)),
            (other, _) => return self.refuse(inside, &fault("apiVersion", other)),
        };
        if kind == "AdmissionReview" && api_version.starts_with("admission.k8s.io/") {
            return match body.remove("request") {
                Some(Value::Object(request)) => {
                    let origin = self.document.at(&join(inside, "request.object"));
                    self.items.push(Ok(Item::Request { request, origin }));
                }
                other => self.refuse(inside, &fault("request", other.as_ref())),
            };
        }
        match body.remove("items") {
            Some(Value::Array(items)) if kind.ends_with("List") => {
                for (index, item) in items.into_iter().enumerate() {
                    let item = with_type_of_list(item, &api_version, &kind);
                    self.read(item, &join(inside, &format!("items[{index}]")));
                }
            }
            items => {
                if let Some(items) = items {
                    body.insert("items".to_owned(), items);
                }
                let origin = if inside.is_empty() { self.document.clone() } else { self.document.at(inside) };
                self.items.push(Ok(Item::Object(Object { api_version, kind, body, origin })));
            }
        }
    }

    fn refuse(&mut self, inside: &str, reason: &str) {
        let colon = if inside.is_empty() { "" } else { ": " };
        let problem = Problem::new(format!("{inside}{colon}not a Kubernetes object: {reason}"));
        self.items.push(Err(problem.at(self.document.line, self.column)));
    }
}

/// A bare AdmissionRequest: its kind is an object, and it names an operation.
fn is_request(body: &Map<String, Value>) -> bool {
    body.get("kind").is_some_and(Value::is_object) && body.get("operation").is_some_and(Value::is_string)
}

/// The problem of a missing or ill-typed field.
fn fault(field: &str, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => format!("`{field}` is missing"),
        Some(value) => format!("`{field}` is {}", name(value)),
    }
}

/// The kind of a JSON value, with its article.
fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The API server leaves the type out of the items of a typed list, such as a `PodList`.
fn with_type_of_list(mut item: Value, api_version: &str, list: &str) -> Value {
    if let Value::Object(body) = &mut item
        && let Some(kind) = list.strip_suffix("List").filter(|kind| !kind.is_empty())
    {
        for (key, value) in [("apiVersion", api_version), ("kind", kind)] {
            body.entry(key).or_insert_with(|| Value::String(value.to_owned()));
        }
    }
    item
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Vec<Result<Item, Problem>> {
        let mut found = Vec::new();
        let text = value.to_string();
        let document = Document { line: 3, column: 2, text: &text };
        items(&document, Located { value, line: 3, column: 2 }, &mut found);
        found
    }

    /// Type of every object found.
    fn types(value: Value) -> Vec<String> {
        read(value)
            .into_iter()
            .map(|item| match item.unwrap() {
                Item::Object(object) => format!("{} {}", object.api_version, object.kind),
                Item::Request { .. } => "request".to_owned(),
            })
            .collect()
    }

    fn fault_of(value: Value) -> String {
        read(value).pop().unwrap().unwrap_err().message
    }

    #[test]
    fn lists_are_opened_even_inside_lists() {
        let pod = json!({"apiVersion": "v1", "kind": "Pod"});
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [pod]});
        let outer = json!({"apiVersion": "v1", "kind": "List", "items": [list, {"apiVersion": "apps/v1", "kind": "Deployment"}]});
        assert_eq!(types(outer), ["v1 Pod", "apps/v1 Deployment"]);
    }

    #[test]
    fn items_of_a_typed_list_get_its_type() {
        let list = json!({"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{}, {"kind": "Other"}]});
        assert_eq!(types(list), ["apps/v1 Deployment", "apps/v1 Other"]);
    }

    #[test]
    fn a_list_without_items_is_an_object_of_its_own() {
        assert_eq!(types(json!({"apiVersion": "x/v1", "kind": "AllowList"})), ["x/v1 AllowList"]);
        assert_eq!(types(json!({"apiVersion": "x/v1", "kind": "Thing", "items": []})), ["x/v1 Thing"]);
    }

    #[test]
    fn admission_requests_and_reviews_are_taken_as_they_are() {
        let request = json!({"kind": {"kind": "Pod"}, "operation": "UPDATE", "object": {}});
        assert_eq!(types(request.clone()), ["request"]);
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
        assert_eq!(types(review), ["request"]);
    }

    #[test]
    fn a_review_without_a_request_is_refused() {
        let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"});
        assert_eq!(fault_of(review), "not a Kubernetes object: `request` is missing");
    }

    #[test]
    fn what_is_no_object_is_named_with_its_place() {
        let problem = read(json!("text")).pop().unwrap().unwrap_err();
        assert_eq!(problem.message, "not a Kubernetes object: it is a string");
        assert_eq!((problem.line, problem.column), (Some(3), Some(2)));
        assert_eq!(fault_of(json!({"kind": "Pod"})), "not a Kubernetes object: `apiVersion` is missing");
        assert_eq!(
            fault_of(json!({"apiVersion": 1, "kind": "Pod"})),
            "not a Kubernetes object: `apiVersion` is a number"
        );
        assert_eq!(fault_of(json!({"apiVersion": "v1"})), "not a Kubernetes object: `kind` is missing");
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [7]});
        assert_eq!(fault_of(list), "items[0]: not a Kubernetes object: it is a number");
    }
}
