//! An image that was inspected, for one platform.

use std::cell::OnceCell;
use std::rc::Rc;

use super::annotations;
use super::document::{Document, Manifest, parts};
use super::rules::{Fault, not_inspected, unanswered};
use crate::findings::Found;
use crate::host::{Host, Question};
use crate::image::{Config, ConfigError};
use crate::malformed::Malformed;

/// The end of a check of an image: done, or it cannot be judged.
pub type Inspection = Result<(), Stopped>;

/// The reason why an image cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The object cannot be read.
    Malformed(Malformed),
    /// The configuration of the image cannot be read.
    Found(Found),
}

impl From<Malformed> for Stopped {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<Found> for Stopped {
    fn from(found: Found) -> Self {
        Self::Found(found)
    }
}

/// An image of one platform.
#[derive(Debug)]
pub struct Inspected<'i> {
    /// Its manifest.
    pub manifest: Manifest,
    name: String,
    /// The reference by which it is asked about: of one of several platforms, by its digest.
    reference: String,
    host: &'i Host<'i>,
    /// The answer that holds the manifest and the configuration, when it was asked for.
    both: OnceCell<Result<Rc<String>, Found>>,
}

impl<'i> Inspected<'i> {
    /// Asks about one of the images of an index.
    pub(super) fn ask(
        host: &'i Host<'i>,
        name: &str,
        reference: String,
        with_configuration: bool,
    ) -> Result<Self, Found> {
        let question = if with_configuration { Question::configuration } else { Question::manifest };
        let answer = host.ask(question(&reference)).map_err(|reason| unanswered(name, &reason))?;
        let unreadable = |fault| not_inspected(name, &fault);
        let text = if with_configuration { parts_of(&answer).map_err(unreadable)?.0 } else { &answer };
        match Document::read(text).map_err(unreadable)? {
            Document::Index(_) => Err(unreadable(Fault::NestedIndex)),
            Document::Image(manifest) => {
                let both = OnceCell::new();
                if with_configuration {
                    // It is empty, so that nothing is lost.
                    let _ = both.set(Ok(Rc::clone(&answer)));
                }
                Ok(Self { both, ..Self::new(host, name.to_owned(), reference, manifest) })
            }
        }
    }

    pub(super) fn new(host: &'i Host<'i>, name: String, reference: String, manifest: Manifest) -> Self {
        Self { manifest, name, reference, host, both: OnceCell::new() }
    }

    /// The image, for messages: its normalised reference.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The configuration of the image. The host is asked for it the first time.
    ///
    /// # Errors
    /// There is none, or none that could be read.
    pub fn configuration(&self) -> Result<Config<'_>, Found> {
        let ask = || {
            let answer = self.host.ask(Question::configuration(&self.reference));
            answer.map_err(|reason| unanswered(&self.name, &reason))
        };
        let answer = self.both.get_or_init(ask).as_ref().map_err(Found::clone)?;
        let (_, configuration) = parts_of(answer).map_err(|fault| not_inspected(&self.name, &fault))?;
        Config::read(configuration).map_err(|error| self.unreadable(error))
    }

    /// The annotations of the manifest, then those of the entry of the index that names it, then those of the index: the
    /// nearest to the image first. They were answered before, so that nothing is asked.
    #[must_use]
    pub fn annotations(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let both = self.both.get().and_then(|both| both.as_ref().ok());
        let alone = || self.host.known(&Question::manifest(&self.reference)).and_then(Result::ok);
        if let Some(both) = both {
            annotations::of_manifest(parts(both).map_or("", |(manifest, _)| manifest), &mut all);
        } else if let Some(manifest) = alone() {
            annotations::of_manifest(&manifest, &mut all);
        }
        if let Some((_, digest)) = self.reference.rsplit_once('@').filter(|_| self.reference != self.name)
            && let Some(Ok(index)) = self.host.known(&Question::manifest(&self.name))
        {
            annotations::of_index(&index, digest, &mut all);
        }
        all
    }

    /// The finding of a configuration of which a field cannot be read.
    #[must_use]
    pub fn unreadable(&self, error: ConfigError) -> Found {
        not_inspected(&self.name, &Fault::Configuration(error))
    }
}

/// The manifest and the configuration in an answer.
fn parts_of(answer: &str) -> Result<(&str, &str), Fault> {
    parts(answer).ok_or(Fault::Unreadable("the answer does not hold a manifest and a configuration"))
}
