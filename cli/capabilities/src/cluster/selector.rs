//! Selectors of labels and of fields, in the text form of the Kubernetes API.
//!
//! Source: `labels.Parse` and `fields.ParseSelector` of k8s.io/apimachinery. A field may be any, where an API server knows
//! only some of each kind.

/// The conditions of a selector.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Selector(Vec<Condition>);

/// A condition on the value of a key.
#[derive(Debug, PartialEq, Eq)]
struct Condition {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Reads a selector of labels, such as `app=web,tier in (a, b),!old`.
    pub(crate) fn of_labels(text: &str) -> Result<Self, String> {
        let fault = || format!("unable to parse requirement: {text}");
        parts(text).map(|part| Condition::of_label(part).ok_or_else(fault)).collect::<Result<_, _>>().map(Self)
    }

    /// Reads a selector of fields, such as `metadata.name=web,spec.nodeName!=one`.
    pub(crate) fn of_fields(text: &str) -> Result<Self, String> {
        let fault = |part: &str| format!("invalid selector: '{text}'; can't understand '{part}'");
        parts(text).map(|part| Condition::equality(part).ok_or_else(|| fault(part))).collect::<Result<_, _>>().map(Self)
    }

    /// Returns `true` if every condition holds.
    pub(crate) fn holds<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> bool {
        self.0.iter().all(|Condition { key, operator, values }| {
            let value = value(key);
            let is_listed = value.is_some_and(|value| values.iter().any(|listed| listed == value));
            match operator {
                Operator::In => is_listed,
                Operator::NotIn => !is_listed,
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

impl Condition {
    fn new(key: &str, operator: Operator, values: Vec<String>) -> Option<Self> {
        let is_key =
            !key.is_empty() && !key.contains(|letter: char| letter.is_whitespace() || "!=()<>,".contains(letter));
        is_key.then(|| Self { key: key.to_owned(), operator, values })
    }

    fn of_label(part: &str) -> Option<Self> {
        if let Some(key) = part.strip_prefix('!') {
            return Self::new(key.trim(), Operator::DoesNotExist, Vec::new());
        }
        if let Some((left, list)) = part.split_once('(') {
            let values = list.strip_suffix(')')?.split(',').map(|value| value.trim().to_owned()).collect();
            let (key, operator) = left.trim().rsplit_once(char::is_whitespace)?;
            return match operator {
                "in" => Self::new(key.trim(), Operator::In, values),
                "notin" => Self::new(key.trim(), Operator::NotIn, values),
                _ => None,
            };
        }
        Self::equality(part).or_else(|| Self::new(part, Operator::Exists, Vec::new()))
    }

    /// `key=value`, `key==value` or `key!=value`.
    fn equality(part: &str) -> Option<Self> {
        let (key, value) = part.split_once('=')?;
        let (key, operator) = key.strip_suffix('!').map_or((key, Operator::In), |key| (key, Operator::NotIn));
        let value = value.strip_prefix('=').unwrap_or(value).trim();
        Self::new(key.trim(), operator, vec![value.to_owned()])
    }
}

/// The parts between commas that are not in parentheses; an empty text has none.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = text.split(move |letter| {
        match letter {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    let is_empty = text.trim().is_empty();
    parts.map(str::trim).filter(move |_| !is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn selects(selector: &str, chosen: bool) {
        let value = |key: &str| match key {
            "app" => Some("web"),
            "example.com/tier" => Some("db"),
            "empty" => Some(""),
            _ => None,
        };
        assert_eq!(Selector::of_labels(selector).unwrap().holds(value), chosen, "{selector}");
    }

    #[test]
    fn labels_are_selected_as_by_kubectl() {
        for selector in [
            "",
            "app",
            "!none",
            "app=web",
            "app==web",
            "app = web",
            "app!=api",
            "none!=x",
            "app in (api, web)",
            "app notin (api,db)",
            "none notin (x)",
            "empty=",
            "app=web,example.com/tier in (db),!none",
        ] {
            selects(selector, true);
        }
        for selector in [
            "none",
            "!app",
            "app=api",
            "app!=web",
            "none=x",
            "app in (api)",
            "none in (x)",
            "app notin (web)",
            "app,none",
        ] {
            selects(selector, false);
        }
    }

    #[test]
    fn what_is_not_a_selector_is_refused() {
        for selector in ["=web", "app in", "app in web", "app in (web", "app ni (web)", "a b", "app,", "!", "a>1"] {
            let fault = Selector::of_labels(selector).unwrap_err();
            assert_eq!(fault, format!("unable to parse requirement: {selector}"));
        }
        let fault = Selector::of_fields("metadata.name in (a)").unwrap_err();
        assert_eq!(fault, "invalid selector: 'metadata.name in (a)'; can't understand 'metadata.name in (a)'");
    }

    #[test]
    fn fields_are_equal_or_not() {
        let holds = |text: &str| {
            let value = |key: &str| (key == "metadata.name").then_some("web");
            Selector::of_fields(text).unwrap().holds(value)
        };
        assert!(holds("metadata.name=web") && holds("metadata.name!=api") && holds(""));
        assert!(!holds("metadata.name=api") && !holds("metadata.name==web,metadata.name!=web"));
    }
}
