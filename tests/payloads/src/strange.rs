//! What no API server sends, and what costs most.

/// Creations of a Pod of about `size` bytes each, in the shapes that cost a reader most, with what is large in them.
#[must_use]
pub fn strange(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let container = r#"{"name":"a","image":"nginx"}"#;
    let fill = |item: &str| vec![item; size.div_euclid(item.len().saturating_add(1))].join(",");
    let half = size.div_euclid(2);
    let shapes = [
        ("containers", format!(r#"{{"containers":[{}]}}"#, fill(container))),
        ("empty containers", format!(r#"{{"containers":[{}]}}"#, fill("{}"))),
        ("containers that are null", format!(r#"{{"containers":[{}]}}"#, fill("null"))),
        ("an unknown list", format!(r#"{{"containers":[{container}],"unknown":[{}]}}"#, fill("0"))),
        ("an unknown text", format!(r#"{{"containers":[{container}],"unknown":"{}"}}"#, "a".repeat(size))),
        ("a name", format!(r#"{{"containers":[{{"name":"{}","image":"nginx"}}]}}"#, "a".repeat(size))),
        ("an image of many parts", format!(r#"{{"containers":[{{"name":"a","image":"{}"}}]}}"#, "a/".repeat(half))),
        ("an image of colons", format!(r#"{{"containers":[{{"name":"a","image":"{}"}}]}}"#, ":".repeat(size))),
        ("arguments", format!(r#"{{"containers":[{{"name":"a","image":"nginx","args":[{}]}}]}}"#, fill("\"\""))),
        (
            "a script",
            format!(
                r#"{{"containers":[{{"name":"a","image":"nginx","command":["sh","-c","{}"]}}]}}"#,
                "a;".repeat(half)
            ),
        ),
        (
            "nested lists",
            format!(r#"{{"containers":[{container}],"hostUsers":{}null{}}}"#, "[".repeat(half), "]".repeat(half)),
        ),
        ("repeated fields", format!(r#"{{"containers":[{container}],{}}}"#, fill(r#""hostUsers":true"#))),
    ];
    shapes.into_iter().map(|(shape, spec)| (shape, pod(&spec))).collect()
}

/// The creation of a Pod, whose specification is given as text.
fn pod(spec: &str) -> Vec<u8> {
    format!(
        r#"{{"request":{{"operation":"CREATE","kind":{{"group":"","version":"v1","kind":"Pod"}},"namespace":"shop","object":{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"web"}},"spec":{spec}}}}},"settings":{{}}}}"#
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_payloads_have_the_size_that_was_asked_for() {
        for (shape, payload) in strange(10_000) {
            assert!((9_900..10_500).contains(&payload.len()), "{shape}: {} bytes", payload.len());
        }
    }
}
