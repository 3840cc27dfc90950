//! Texts of an image, without what may be a secret: commands of its history, and of its entrypoint.

/// The replacement of what is hidden.
const HIDDEN: &str = "***";

/// Parts of the names of variables whose values are secrets, with `_` for all that joins words.
pub const SECRET_NAMES: &[&str] =
    &["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL"];
/// The same for what is not the name of a variable: options, headers and keys of files.
const OTHER_NAMES: &[&str] = &["AUTHORIZATION", "PASSPHRASE"];
/// Words that a secret follows.
const BEFORE_SECRETS: &[&str] = &["-u", "--user", "bearer", "_auth"];
/// Schemes of the header `Authorization`, which the secret follows.
const SCHEMES: &[&str] = &["bearer", "basic", "token"];

/// The fewest letters and digits of a word that may be random.
const RANDOM: usize = 20;
/// The same for a word that is cut off.
const RANDOM_BEGINNING: usize = 8;

/// Returns `true` if variables of this name hold secrets.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.iter().any(|part| has_name(name, part))
}

/// Returns `true` if a name has this part, in any case and with any joints.
fn has_name(name: &str, part: &str) -> bool {
    let is = |byte: &u8, wanted: &u8| match wanted {
        b'_' => matches!(byte, b'_' | b'-' | b'.'),
        letter => byte.eq_ignore_ascii_case(letter),
    };
    let windows = name.as_bytes().windows(part.len());
    windows.into_iter().any(|window| window.iter().zip(part.as_bytes()).all(|(byte, wanted)| is(byte, wanted)))
}

/// `text` with `***` in place of what may be a secret: user information in URLs; values of variables, options and headers
/// whose names say so; what follows `-u`, `--user`, `Bearer` and the like; and long words that look random.
#[must_use]
pub fn redacted(text: &str) -> String {
    let named = without_named(text);
    let mut shown = String::with_capacity(named.len());
    for piece in named.split_inclusive(|character| !is_of_token(character)) {
        let token = piece.trim_end_matches(|character| !is_of_token(character));
        let after = piece.get(token.len()..).unwrap_or_default();
        let fewest = if after == "…" { RANDOM_BEGINNING } else { RANDOM };
        shown.push_str(if is_random(token, fewest) { HIDDEN } else { token });
        shown.push_str(after);
    }
    shown
}

/// The characters of keys, in hexadecimal or any form of base 64.
fn is_of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '+' | '/')
}

/// Returns `true` for a token of at least so many letters and digits in which their kinds alternate often. Names have parts
/// of one kind, such as `libssl3` or `x86_64`.
fn is_random(token: &str, fewest: usize) -> bool {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => 2,
        b'A'..=b'Z' => 3,
        _ => 0,
    };
    let (mut count, mut changes, mut has_digit, mut before) = (0_usize, 0_usize, false, 0);
    for kind in token.bytes().map(kind) {
        if kind > 0 {
            count = count.saturating_add(1);
            changes = changes.saturating_add(usize::from(before > 0 && kind != before));
        }
        has_digit |= kind == 1;
        before = kind;
    }
    count >= fewest && has_digit && changes.saturating_mul(5) >= count
}

/// `text` without what its context shows to be a secret.
fn without_named(text: &str) -> String {
    let mut redaction =
        Redaction { shown: String::with_capacity(text.len()), rest: text, quote: None, hides_next: false };
    while let Some(first) = redaction.rest.chars().next() {
        if is_separator(first) {
            redaction.separator(first);
        } else if redaction.hides_next {
            redaction.secret_or_scheme();
        } else {
            redaction.name();
        }
    }
    redaction.shown
}

/// A text on its way to be shown.
struct Redaction<'t> {
    shown: String,
    rest: &'t str,
    /// The quote that the rest is in.
    quote: Option<char>,
    /// The next word is a secret.
    hides_next: bool,
}

impl Redaction<'_> {
    fn separator(&mut self, first: char) {
        let is_open = self.quote == Some(first);
        if self.hides_next && !is_open && matches!(first, '"' | '\'' | '`' | '(') {
            return self.hide();
        }
        match (first, self.quote) {
            ('"' | '\'', None) => self.quote = Some(first),
            _ if is_open => self.quote = None,
            // A new command.
            (';' | '&' | '|' | '\n', None) if !self.shown.ends_with('\\') => self.hides_next = false,
            _ => {}
        }
        self.show(first.len_utf8());
    }

    /// After the name of a secret: the secret, or the scheme of a header before it.
    fn secret_or_scheme(&mut self) {
        let word = self.rest.split(is_separator).next().unwrap_or_default();
        if SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word)) {
            self.show(word.len());
        } else {
            self.hide();
        }
    }

    /// A name with or without a value, or any other word up to a `:` or `=`.
    fn name(&mut self) {
        let is_end = |character| is_separator(character) || matches!(character, ':' | '=');
        let name = self.rest.split(is_end).next().unwrap_or_default();
        self.show(name.len());
        if self.rest.starts_with("://") {
            self.show("://".len());
            let is_end =
                |character: char| character.is_whitespace() || matches!(character, '/' | '?' | '#' | '"' | '\'');
            let authority = self.rest.split(is_end).next().unwrap_or_default();
            if let Some((user, _)) = authority.rsplit_once('@') {
                self.shown.push_str(HIDDEN);
                self.rest = self.rest.get(user.len()..).unwrap_or_default();
            }
            return;
        }
        let is_attached = self.rest.starts_with([':', '=']);
        if is_before_secret(name) {
            self.hides_next = true;
        } else if is_attached && name.starts_with("-u") && !name.starts_with("-u=") {
            // `-ubob:password`
            let length = self.shown.len().saturating_sub(name.len()).saturating_add("-u".len());
            self.shown.truncate(length);
            return self.hide();
        }
        if is_attached {
            self.show(1);
            if self.hides_next && !self.rest.starts_with(is_separator) {
                self.secret_or_scheme();
            }
        }
    }

    /// Takes so many bytes as they are.
    fn show(&mut self, length: usize) {
        let (taken, after) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.shown.push_str(taken);
        self.rest = after;
    }

    /// Takes a secret, unless it is a variable.
    fn hide(&mut self) {
        self.hides_next = false;
        let length = secret(self.rest, self.quote);
        let (secret, after) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.shown.push_str(if is_variable(secret) { secret } else { HIDDEN });
        self.rest = after;
    }
}

/// The length of a secret at the beginning of a text: a word of a shell, with its quotes and substitutions, at least one
/// character. `quote` is the quote that it is in.
fn secret(text: &str, quote: Option<char>) -> usize {
    let mut inner = None;
    let mut depth = 0_usize;
    let mut is_escaped = false;
    for (index, character) in text.char_indices() {
        let is_end = index > 0 && inner.is_none() && depth == 0 && !is_escaped;
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if inner == Some(character) => inner = None,
            _ if inner.is_some() => {}
            _ if is_end && quote == Some(character) => return index,
            '"' | '\'' | '`' => inner = Some(character),
            '(' => depth = depth.saturating_add(1),
            ')' if depth > 0 => depth = depth.saturating_sub(1),
            ';' | '&' | '|' | ')' | '<' | '>' if is_end && quote.is_none() => return index,
            _ if is_end && character.is_whitespace() => return index,
            _ => {}
        }
    }
    text.len()
}

/// Returns `true` for `$NAME`, `${NAME}` and the same in quotes, and for `$(NAME)`, the reference of a manifest to a variable.
fn is_variable(text: &str) -> bool {
    let name = text.trim_matches('"').strip_prefix('$').unwrap_or_default();
    if let Some(name) = name.strip_prefix('(').and_then(|name| name.strip_suffix(')')) {
        // Programs have names in lower case.
        return name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    }
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns `true` if a secret follows this name. A variable is none, whatever its name.
fn is_before_secret(name: &str) -> bool {
    let is_known = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    let is_named = is_secret_name(name) || OTHER_NAMES.iter().any(|part| has_name(name, part));
    is_known(BEFORE_SECRETS) || is_named && !name.starts_with('$')
}

/// What separates the words of a command.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '"' | '\'' | '`' | ';' | '&' | '|' | '(' | ')' | '<' | '>' | '[' | ']' | ',')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn secrets_are_hidden_and_the_rest_stays() {
        for (text, expected) in [
            // User information in URLs.
            ("git clone https://bob:hunter2@git.example/a.git", "git clone https://***@git.example/a.git"),
            ("git clone https://hunter2@git.example/a", "git clone https://***@git.example/a"),
            ("pip install -i https://u:p@x@pypi.example/simple", "pip install -i https://***@pypi.example/simple"),
            ("curl https://a.example/x@1.2", "curl https://a.example/x@1.2"),
            ("git clone git@git.example:a/b.git", "git clone git@git.example:a/b.git"),
            // Options.
            ("curl -u bob:hunter2 https://a.example", "curl -u *** https://a.example"),
            ("curl -ubob:hunter2 x", "curl -u*** x"),
            ("curl --user 'bob:hun ter2' x", "curl --user *** x"),
            ("curl --user=bob:hunter2 x", "curl --user=*** x"),
            ("wget --password=hunter2 --http-password \"a b\" x", "wget --password=*** --http-password *** x"),
            ("mysql --password=a\"b c\"d; ls", "mysql --password=***; ls"),
            ("app --token hunter2 --token-file x", "app --token *** --token-file ***"),
            ("[\"app\",\"--password\",\"hunter2\",\"x\"]", "[\"app\",\"--password\",***"),
            // Headers.
            ("curl -H 'Authorization: Bearer hunter2' x", "curl -H 'Authorization: Bearer ***' x"),
            ("curl -H \"Authorization: hunter2\" x", "curl -H \"Authorization: ***\" x"),
            ("curl -H Authorization:hunter2 x", "curl -H Authorization:*** x"),
            ("curl -H \"PRIVATE-TOKEN: hun;ter2\" x", "curl -H \"PRIVATE-TOKEN: ***\" x"),
            ("bearer hunter2", "bearer ***"),
            // Variables, files and parameters.
            ("NPM_TOKEN=hunter2 npm ci", "NPM_TOKEN=*** npm ci"),
            ("export DB_PASSWORD=hunter2; npm ci", "export DB_PASSWORD=***; npm ci"),
            (
                "echo '//registry.example/:_authToken=hunter2' > .npmrc",
                "echo '//registry.example/:_authToken=***' > .npmrc",
            ),
            ("echo _auth=hunter2 >> .npmrc", "echo _auth=*** >> .npmrc"),
            ("curl 'https://a.example/?a=1&api_key=hunter2'", "curl 'https://a.example/?a=1&api_key=***'"),
            ("aws configure set aws_secret_access_key hunter2", "aws configure set aws_secret_access_key ***"),
            ("TOKEN=$(echo hunter2 | base64) npm ci", "TOKEN=*** npm ci"),
            ("TOKEN=`echo hunter2` npm ci", "TOKEN=*** npm ci"),
            ("password: hunter2", "password: ***"),
            // Variables are no secrets, and neither is the next command.
            ("NPM_TOKEN=$NPM_TOKEN npm ci", "NPM_TOKEN=$NPM_TOKEN npm ci"),
            ("NPM_TOKEN=\"${TOKEN}\" npm ci", "NPM_TOKEN=\"${TOKEN}\" npm ci"),
            ("NPM_TOKEN=${TOKEN:-hunter2} npm ci", "NPM_TOKEN=*** npm ci"),
            ("app --token=$(TOKEN) x", "app --token=$(TOKEN) x"),
            ("app --token=$(hunter2) x", "app --token=*** x"),
            ("[ -n \"$TOKEN\" ] && npm ci", "[ -n \"$TOKEN\" ] && npm ci"),
            ("cat /run/secrets/npm && npm ci", "cat /run/secrets/npm && npm ci"),
            ("rm /run/secrets/npm_token\napt-get update", "rm /run/secrets/npm_token\napt-get update"),
            ("set -u; apt-get update", "set -u; apt-get update"),
            ("tar -uf x.tar", "tar -uf x.tar"),
            // Random words.
            ("echo ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4", "echo ***"),
            ("echo 550e8400-e29b-41d4-a716-446655440000", "echo ***"),
            ("ADD file:917750a82b29f8f7f88a121017bd9dfeb0fbcc8f06 in /", "ADD file:*** in /"),
            ("echo wJalrXUtnFEMI/K7MDENG/bPxRfiCYexamplekey", "echo ***"),
            ("echo 0a1b2c3d4e5f6a7b8c9", "echo 0a1b2c3d4e5f6a7b8c9"),
            // One that is cut off may be longer.
            ("echo 0a1b2c3d4e…", "echo ***…"),
            ("apt-get install libssl…", "apt-get install libssl…"),
            // Long names are not.
            (
                "apt-get install -y --no-install-recommends libboost-program-options1.74.0 linux-headers-5.10.0-28-amd64",
                "apt-get install -y --no-install-recommends libboost-program-options1.74.0 linux-headers-5.10.0-28-amd64",
            ),
            ("COPY /usr/lib/x86_64-linux-gnu/libssl3 /opt/", "COPY /usr/lib/x86_64-linux-gnu/libssl3 /opt/"),
            ("echo 12345678901234567890", "echo 12345678901234567890"),
            ("set -eux; rm -rf /var/lib/apt/lists/*", "set -eux; rm -rf /var/lib/apt/lists/*"),
            ("", ""),
        ] {
            assert_eq!(redacted(text), expected, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn what_is_shown_stands_in_the_text(
            text in prop_oneof![any::<String>(), "([-=:/@;'\"$(){}a ]|token|-u|\\\\|\n|https://){0,20}"],
        ) {
            let mut rest = text.as_str();
            for shown in redacted(&text).split(HIDDEN) {
                let (_, after) = rest.split_once(shown).expect("a part of the text, in its order");
                rest = after;
            }
        }

        #[test]
        fn no_part_of_a_named_secret_is_shown(
            before in "[ a-z0-9;&|.'\"/=:-]{0,40}",
            name in "(--password |--password=|--token |-u bob:|DB_PASSWORD=|https://bob:|Authorization: Bearer |api-key: )",
            secret in "[A-Za-z0-9_.%+~^!-]{12,40}",
            after in "( [ -~]{0,20}|)",
        ) {
            let end = if name.starts_with("https") { "@git.example" } else { "" };
            // A command of its own, so that no quote and no name before it counts.
            let text = format!("{}; {name}{secret}{end}{after}", before.replace(['\'', '"'], ""));
            let shown = redacted(&text);
            let windows = secret.as_bytes().windows(12).filter_map(|window| std::str::from_utf8(window).ok());
            for window in windows {
                prop_assert!(!shown.contains(window), "{text} → {shown}");
            }
        }

        #[test]
        fn keys_are_hidden(key in "[a-z0-9]{40}|[A-Za-z0-9]{32}|[0-9a-f]{64}", before in "[a-z ]{0,10}[ =:'\"]") {
            let is_mixed = key.bytes().any(|byte| byte.is_ascii_digit()) && is_random(&key, RANDOM);
            prop_assume!(is_mixed);
            let shown = redacted(&format!("{before}{key}"));
            prop_assert!(!shown.contains(&key), "{shown}");
        }
    }
}
