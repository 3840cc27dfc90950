//! The words of a host or a registry, as far as they may be shown: they can hold addresses and credentials.

use crate::text::{cut, split_part};

/// The most that is shown, in characters.
const MAX_SHOWN: usize = 120;
/// A word of so many letters and digits may be a token or a key.
const LONG_WORD: usize = 20;
/// What stands for a word that is not shown.
const LEFT_OUT: &str = "…";

/// The first line of a text, without the paths, queries and user names of URLs, without values of parameters, and without
/// words that may be secrets.
pub(super) fn shown(text: &str) -> String {
    let mut line = String::new();
    let mut is_credential = false;
    for piece in text.trim_ascii().lines().next().unwrap_or_default().split_inclusive(is_separator) {
        let word = piece.trim_end_matches(is_separator);
        if is_credential && !word.is_empty() {
            line.push_str(LEFT_OUT);
        } else {
            push(word, &mut line);
        }
        line.push_str(piece.get(word.len()..).unwrap_or_default());
        is_credential = ["bearer", "basic"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
            || is_credential && word.is_empty();
    }
    let line = line.trim_ascii_end();
    let start = |characters| line.char_indices().nth(characters).map(|(start, _)| start);
    match start(MAX_SHOWN).and(start(MAX_SHOWN.saturating_sub(1))) {
        Some(last) => [cut(line, last), LEFT_OUT].concat(),
        None => line.to_owned(),
    }
}

/// Adds the part of a word that may be shown.
fn push(word: &str, line: &mut String) {
    let (start, rest) = match split_part(word, "://") {
        Some((scheme, address)) => {
            let host = address.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            (scheme, Some(host))
        }
        None => (word, None),
    };
    let is_long = |part: &str| part.split(|character| !is_of_word(character)).any(|run| run.len() >= LONG_WORD);
    match start.split_once('=') {
        _ if is_long(start) || rest.is_some_and(is_long) => line.push_str(LEFT_OUT),
        Some((name, value)) if !value.is_empty() || rest.is_some() => {
            line.push_str(name);
            line.push('=');
            line.push_str(LEFT_OUT);
        }
        _ => {
            line.push_str(start);
            if let Some(host) = rest {
                line.push_str("://");
                line.push_str(host);
            }
        }
    }
}

/// What separates words, beside what joins the parts of an address or of a token.
fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '\t' | '"' | '\'' | '`' | '(' | ')' | '<' | '>' | '[' | ']' | '{' | '}' | ',' | ';')
}

fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_line_is_shown_without_paths_and_secrets() {
        for (text, expected) in [
            ("connection refused", "connection refused"),
            ("denied\n\nCaused by:\n    secret", "denied"),
            ("\n not found \n", "not found"),
            (
                "Get \"https://reg.example:5000/v2/app?scope=pull\": dial tcp 10.0.0.1:443",
                "Get \"https://reg.example:5000\": dial tcp 10.0.0.1:443",
            ),
            ("https://bob:hunter2@reg.example/v2/ is down", "https://reg.example is down"),
            ("https://user-name-that-is-long:p@reg.example", "https://reg.example"),
            ("bad token eyJhbGciOiJIUzI1NiJ9.e30.x", "bad token …"),
            ("key AbCd+/eFgHiJkLmNoPqRsTuVwXyZ== refused", "key … refused"),
            ("sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945 is gone", "… is gone"),
            ("nineteen-characters a", "nineteen-characters a"),
            ("nineteen-characters1 a", "… a"),
            ("Authorization: Bearer abc, basic  \"dXNlcg==\"", "Authorization: Bearer …, basic  \"…\""),
            ("realm=x,service=\"y\"", "realm=…,service=\"y\""),
            ("token=https://a.example/b", "token=…"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn at_most_120_characters_are_shown() {
        assert_eq!(shown(&"é ".repeat(60)), "é ".repeat(60).trim_end());
        assert_eq!(shown(&"é ".repeat(61)), format!("{}…", "é ".repeat(60).split_at(179).0));
    }

    proptest! {
        #[test]
        fn no_long_word_is_ever_shown(text in "[ a-zA-Z0-9./:=?@\"-]{0,200}", secret in "[A-Za-z0-9_.-]{20,40}") {
            let all = shown(&format!("{text}{secret} {text}"));
            prop_assert!(!all.contains(&secret), "{all}");
            prop_assert!(all.chars().count() <= MAX_SHOWN);
        }
    }
}
