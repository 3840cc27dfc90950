//! Markdown as text for a terminal: paragraphs in lines that fit, emphasis as a style, links by their text.

use std::fmt::Write as _;

use anstyle::Style;
use textwrap::{Options, WordSplitter};

/// The maximum number of columns of a line.
const COLUMNS: usize = 80;

/// Emphasis.
const BOLD: Style = Style::new().bold();

/// Renders a text. Code, tables and what is indented stay as they are.
pub(super) fn render(text: &str) -> String {
    let mut rendered = String::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut is_code = false;
    for line in text.lines().chain(std::iter::once("")) {
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        let is_definition = line.starts_with('[') && line.contains("]: ");
        let is_item = line.starts_with("- ") || line.starts_with("* ");
        let is_verbatim = is_code || is_fence || line.is_empty() || line.starts_with(['|', ' ', '#']);
        // The continuation of an item is indented.
        let continues = line.starts_with("  ")
            && !line.starts_with("    ")
            && paragraph.first().is_some_and(|first| first.starts_with("- "));
        if (is_verbatim && !continues) || is_item || is_definition {
            rendered.push_str(&fill(&paragraph.join(" ")));
            paragraph.clear();
        }
        if is_fence || is_definition {
            continue;
        }
        if is_verbatim && !continues {
            let heading = line.trim_start_matches('#').trim_start();
            match line {
                _ if !is_code && line.starts_with('#') => {
                    let _ = write!(rendered, "{BOLD}{heading}{BOLD:#}");
                }
                // A rule or a setting; code is indented further.
                _ if !is_code && line.starts_with("  ") && !line.starts_with("    ") => {
                    let options = Options::new(COLUMNS).subsequent_indent("      ").break_words(false);
                    rendered.push_str(&textwrap::fill(line, options.word_splitter(WordSplitter::NoHyphenation)));
                }
                _ => rendered.push_str(line),
            }
            rendered.push('\n');
        } else {
            paragraph.push(line.trim());
        }
    }
    rendered.pop();
    rendered
}

/// A paragraph, or an item of a list, in lines that fit.
fn fill(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let indent = if text.starts_with("- ") { "  " } else { "" };
    let options =
        Options::new(COLUMNS).subsequent_indent(indent).break_words(false).word_splitter(WordSplitter::NoHyphenation);
    emphasized(&textwrap::fill(&without_links(text), options)) + "\n"
}

/// `[text](url)` and `[text][name]` as the text.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        let link = after.split_once(']').and_then(|(label, after)| {
            let end = if after.starts_with('(') { ')' } else { ']' };
            let target = after.strip_prefix(['(', '['])?;
            Some((label, target.split_once(end)?.1))
        });
        if let Some((label, after)) = link {
            plain.push_str(label);
            rest = after;
        } else {
            plain.push('[');
            rest = after;
        }
    }
    plain + rest
}

/// `**text**` as a style.
fn emphasized(text: &str) -> String {
    let mut parts = text.split("**");
    let mut styled = parts.next().unwrap_or_default().to_owned();
    while let Some(inner) = parts.next() {
        match parts.next() {
            Some(after) => {
                let _ = write!(styled, "{BOLD}{inner}{BOLD:#}{after}");
            }
            None => styled.extend(["**", inner]),
        }
    }
    styled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(&render(text)).to_string()
    }

    #[test]
    fn paragraphs_and_items_fit_and_code_stays() {
        let word = "word ".repeat(30);
        let text = format!("{word}\n\n- {word}\n  more\n\n    code {word}\n\n```yaml\na: 1\n```\n");
        let rendered = plain(&text);
        assert!(
            rendered.lines().filter(|line| !line.starts_with("    code")).all(|line| line.len() <= 80),
            "{rendered}"
        );
        assert!(rendered.contains("\n  word word"), "{rendered}");
        assert!(rendered.contains("  more\n") && !rendered.contains("   more"), "{rendered}");
        let rule = plain(&format!("  rule  deny  {word}\n"));
        assert!(rule.lines().all(|line| line.len() <= 80) && rule.contains("\n      word"), "{rule}");
        assert!(rendered.ends_with("\na: 1\n"), "{rendered}");
    }

    #[test]
    fn links_are_their_text_and_emphasis_a_style() {
        assert_eq!(plain("A [b c][d], [e](f) and [g].\n\n[d]: https://x\n"), "A b c, e and [g].\n\n");
        assert!(render("**a** b").contains("\u{1b}[1ma\u{1b}[0m b"));
        assert_eq!(plain("# A\ntext"), "A\ntext\n");
    }
}
