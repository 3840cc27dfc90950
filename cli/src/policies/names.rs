//! Names that must be known.

use super::fault::Fault;

/// Refuses an unknown name of a policy, with the nearest known one.
pub(crate) fn require<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone) -> Result<(), Fault> {
    if known.clone().any(|one| one == name) {
        return Ok(());
    }
    Err(Fault::Unknown {
        name: name.to_owned(),
        hint: nearest(name, known.clone()).map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default(),
        known: known.collect::<Vec<_>>().join(", "),
    })
}

/// The known name that is most like another one, if one is.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}
