//! The findings in the steps of an image.

use shared::image::history::{Builder, History, Step};
use shared::prelude::*;

use crate::steps::Faults;
use crate::{COPY_BEFORE_INSTALL, DIST_UPGRADE, PACKAGE_CACHE_KEPT, REMOTE_ADD, UPDATE_ALONE};

/// The most further steps that a message names.
const MAX_NAMED: usize = 3;

/// The findings: one for each rule that is broken.
pub(crate) fn found(faults: &Faults, history: &History<'_>) -> Vec<Found> {
    let sentence =
        |index: usize, what: &str, others: &[usize]| format!("{} {what}{}", history.named(index), also(others));
    let mut found = Vec::new();
    if let [first, others @ ..] = &faults.updates[..] {
        let what = "only fetches package lists, which grow old in the cache of builds";
        let fix = "update in the step that installs";
        found.push(UPDATE_ALONE.found(sentence(*first, what, others), fix));
    }
    if let [(first, cache), others @ ..] = &faults.kept[..] {
        let is_hidden = history.steps.get(*first).is_some_and(|step| step.builder == Builder::BuildKit);
        let unless = if is_hidden { ", unless the build mounted a cache, which BuildKit does not record" } else { "" };
        let others: Vec<_> = others.iter().map(|(index, _)| *index).collect();
        found.push(
            PACKAGE_CACHE_KEPT.found(sentence(*first, &format!("keeps {}", cache.what), &others) + unless, cache.fix),
        );
    }
    if let [(first, copy, dependencies), ..] = &faults.installs[..] {
        let copied = history.steps.get(*copy).map(Step::shown).unwrap_or_default();
        let number = copy.saturating_add(1);
        let what = format!("runs again when anything changes that step {number}, {}, copies", quote(&copied));
        let fix = if dependencies.is_of_system() {
            "install packages before".to_owned()
        } else {
            format!("first copy only {}", dependencies.files)
        };
        found.push(COPY_BEFORE_INSTALL.found(sentence(*first, &what, &[]), fix));
    }
    if let [first, others @ ..] = &faults.remote[..] {
        let what = "takes what an address serves, unchecked";
        let fix = "give it a --checksum, or download, verify and unpack in one RUN";
        found.push(REMOTE_ADD.found(sentence(*first, what, others), fix));
    }
    if let [first, others @ ..] = &faults.upgrades[..] {
        let what = "upgrades the packages of its base, which then are in the image twice";
        found.push(DIST_UPGRADE.found(sentence(*first, what, others), "use a newer base"));
    }
    found
}

/// The numbers of other steps.
fn also(indices: &[usize]) -> String {
    if indices.is_empty() {
        return String::new();
    }
    let numbers: Vec<_> = indices.iter().take(MAX_NAMED).map(|index| index.saturating_add(1).to_string()).collect();
    let more = if indices.len() > MAX_NAMED { ", …" } else { "" };
    format!(", as step {} does{more}", numbers.join(", "))
}
