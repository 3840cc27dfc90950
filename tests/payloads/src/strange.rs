//! Payloads that no API server sends, and those that cost most.

/// A creation of a Pod, whose text is given where JSON cannot say it.
#[must_use]
pub fn pod(spec: &str) -> Vec<u8> {
    call("", "Pod", &format!(r#"{{"spec":{spec}}}"#), "null", "{}")
}

/// A call with the text of an object, of the one before and of the settings.
#[must_use]
pub fn call(group: &str, kind: &str, object: &str, old: &str, settings: &str) -> Vec<u8> {
    let operation = if old == "null" { "CREATE" } else { "UPDATE" };
    format!(
        r#"{{"request":{{"operation":"{operation}","kind":{{"group":"{group}","version":"v1","kind":"{kind}"}},"namespace":"shop","object":{object},"oldObject":{old}}},"settings":{settings}}}"#
    )
    .into_bytes()
}

/// `item` as often as it takes to fill so many bytes.
fn fill(item: &str, bytes: usize) -> String {
    vec![item; bytes.div_euclid(item.len().saturating_add(1))].join(",")
}

/// `item` as often as an object may hold it, or as it takes to fill so many bytes.
fn containers(item: &str, bytes: usize) -> String {
    vec![item; bytes.div_euclid(item.len().saturating_add(1)).min(2000)].join(",")
}

/// Payloads of about so many bytes, each with what is large in it.
#[must_use]
pub fn shapes(bytes: usize) -> Vec<(&'static str, Vec<u8>)> {
    let container = r#"{"name":"a","image":"nginx"}"#;
    let with = |field: &str| pod(&format!(r#"{{"containers":[{container}],{field}}}"#));
    let image = |image: String| pod(&format!(r#"{{"containers":[{{"name":"a","image":"{image}"}}]}}"#));
    let script = |part: &str| {
        let script = part.repeat(bytes.div_euclid(part.len()));
        pod(&format!(r#"{{"containers":[{{"name":"a","image":"nginx","command":["sh","-c","{script}"]}}]}}"#))
    };
    let entries = |bytes| {
        let entry = |index: usize| format!(r#""key-{index:08}":"{{\"a\":1}}""#);
        (0..bytes / 27).map(entry).collect::<Vec<_>>().join(",")
    };
    let spec = |bytes| format!(r#"{{"spec":{{"containers":[{}]}}}}"#, containers(container, bytes));
    let half = bytes / 2;
    vec![
        ("containers", pod(&format!(r#"{{"containers":[{}]}}"#, fill(container, bytes)))),
        ("as many containers as may be", pod(&format!(r#"{{"containers":[{}]}}"#, containers(container, bytes)))),
        ("empty containers", pod(&format!(r#"{{"containers":[{}]}}"#, fill("{}", bytes)))),
        ("null containers", pod(&format!(r#"{{"containers":[{}]}}"#, fill("null", bytes)))),
        ("containers before and after", call("", "Pod", &spec(half), &spec(half), "{}")),
        ("an unknown list", with(&format!(r#""unknown":[{}]"#, fill("0", bytes)))),
        ("an unknown object", with(&format!(r#""unknown":{{{}}}"#, fill(r#""a":{}"#, bytes)))),
        ("an unknown text", with(&format!(r#""unknown":"{}""#, "a".repeat(bytes)))),
        ("escapes", with(&format!(r#""unknown":"{}""#, r"\u0041".repeat(bytes / 6)))),
        ("nesting", with(&format!(r#""hostUsers":{}null{}"#, "[".repeat(half), "]".repeat(half)))),
        ("a field given often", with(&fill(r#""hostUsers":true"#, bytes))),
        ("volumes", with(&format!(r#""volumes":[{}]"#, fill(r#"{"name":"a","image":{"reference":"b"}}"#, bytes)))),
        ("a name", pod(&format!(r#"{{"containers":[{{"name":"{}","image":"nginx"}}]}}"#, "a".repeat(bytes)))),
        ("an image of slashes", image("a/".repeat(half))),
        ("an image of colons", image(":".repeat(bytes))),
        ("an image of dots", image("a.".repeat(half))),
        (
            "arguments",
            pod(&format!(r#"{{"containers":[{{"name":"a","image":"nginx","args":[{}]}}]}}"#, fill("\"\"", bytes))),
        ),
        (
            "variables",
            pod(&format!(
                r#"{{"containers":[{{"name":"a","image":"nginx","command":["$(A)"],"env":[{}]}}]}}"#,
                fill(r#"{"name":"B","value":"c"}"#, bytes)
            )),
        ),
        ("a script of commands", script("a;")),
        ("a script of jobs", script("a & ")),
        ("a script of parentheses", script("(")),
        ("a script of substitutions", script("$(")),
        ("a script of conditions", script("if a; then ")),
        (
            "a custom resource",
            call("example.com", "Site", &format!("[{}]", fill(r#"{"a":{"b":[{}]}}"#, bytes)), "null", "{}"),
        ),
        (
            "a deep custom resource",
            call(
                "example.com",
                "Site",
                &format!("{}null{}", r#"{"a":"#.repeat(bytes / 6), "}".repeat(bytes / 6)),
                "null",
                "{}",
            ),
        ),
        (
            "a Secret of entries",
            call("", "Secret", &format!(r#"{{"stringData":{{{}}}}}"#, entries(bytes)), "null", "{}"),
        ),
        (
            "a Secret of one text",
            call("", "Secret", &format!(r#"{{"data":{{"key":"{}"}}}}"#, "YQ==".repeat(bytes / 4)), "null", "{}"),
        ),
        ("brackets that do not end", "[".repeat(bytes).into_bytes()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strange_payloads_have_the_size_that_was_asked_for() {
        for (shape, payload) in shapes(50_000) {
            assert!((49_000..55_000).contains(&payload.len()), "{shape}: {} bytes", payload.len());
        }
    }
}
