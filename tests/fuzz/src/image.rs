//! Any text as an image reference.

use serde_json::json;
use shared::image::{ImageRef, Repository};

use crate::request::of_container;
use crate::{Call, law};

/// The longest tag in bytes.
const MAX_TAG: usize = 128;

/// There is always an answer; a valid reference is read the same from its normalised form.
pub(crate) fn check(input: &[u8]) -> Result<(), String> {
    let Ok(text) = str::from_utf8(input) else { return Ok(()) };
    let repository = Repository::of(text);
    let image = match ImageRef::parse(text) {
        Ok(image) => image,
        Err(error) => {
            return law(!error.to_string().is_empty(), || "an error says what is wrong".to_owned());
        }
    };
    law(text.is_ascii() && text.starts_with(image.name()), || "a name is what stands first, in ASCII".to_owned())?;
    law(image.repository().to_string() == repository.to_string(), || {
        format!("the repository is {repository} with a look at the rest, {} without", image.repository())
    })?;
    law(image.tag().is_none_or(|tag| (1..=MAX_TAG).contains(&tag.len())), || "a tag is short".to_owned())?;
    let normalised = image.to_string();
    let again = ImageRef::parse(&normalised).map_err(|error| format!("{normalised} is not a reference: {error}"))?;
    let parts = |image: &ImageRef<'_>| {
        let digest = image.digest().map(|digest| digest.to_string());
        (image.domain().to_owned(), image.path().into_owned(), image.tag().map(str::to_owned), digest)
    };
    law(parts(&again) == parts(&image), || format!("{normalised} is read as {:?}", parts(&again)))?;
    law(again.to_string() == normalised, || format!("{normalised} becomes {again}"))
}

/// A container with the image.
pub(crate) fn calls(input: &[u8]) -> Vec<Call> {
    let image = String::from_utf8_lossy(input);
    vec![of_container(&json!({ "name": "app", "image": image }))]
}
