//! Agreement with distribution/reference, the library the kubelet reads images with.

use std::{fs, io, path::Path};

use serde::Deserialize;
use shared::image::ImageRef;

/// The verdict of the library on one text. Absent parts are empty in its answer.
#[derive(Debug, Deserialize)]
struct Line {
    input: String,
    ok: bool,
    #[serde(default)]
    domain: String,
    #[serde(default)]
    path: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Line {
    fn agrees(&self) -> bool {
        match ImageRef::parse(&self.input) {
            Err(_) => !self.ok,
            Ok(image) => {
                self.ok
                    && image.domain() == self.domain
                    && image.path() == self.path
                    && image.tag() == self.tag.as_deref()
                    && image.digest().map(|digest| digest.to_string()) == self.digest
            }
        }
    }
}

#[test]
fn every_line_of_the_corpus_agrees() {
    let corpus =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora/image-references.jsonl");
    let text = match fs::read_to_string(&corpus) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            println!("skipped: there is no {}", corpus.display());
            return;
        }
        Err(error) => panic!("{}: {error}", corpus.display()),
    };
    let lines: Vec<Line> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert!(
        lines.len() >= 6_828,
        "the corpus has only {} lines",
        lines.len()
    );
    let different: Vec<String> = lines
        .iter()
        .filter(|line| !line.agrees())
        .map(|line| format!("{line:?}\n  but {:?}", ImageRef::parse(&line.input)))
        .collect();
    assert!(
        different.is_empty(),
        "{} of {} lines differ, the first are:\n{}",
        different.len(),
        lines.len(),
        different
            .iter()
            .take(20)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}
