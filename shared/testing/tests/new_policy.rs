//! The policy that `cargo xtask new-policy` writes: it compiles, and passes its cases and the laws for its samples and
//! examples.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use shared::calls::Guest;
use shared::policy::Described as _;
use testing::{check_examples, check_samples, load};

#[path = "../../../xtask/new-policy/src/lib.rs"]
mod new_policy;

use new_policy::NewPolicy;

/// A workspace that holds the policy under the name that it has here.
fn workspace() -> PathBuf {
    let from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../xtask/new-policy"));
    let workspace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-policy");
    let to = workspace.join("policies").join(NewPolicy::NAME);
    fs::create_dir_all(to.join("cases")).unwrap();
    for file in ["samples.yaml", "cases/examples.yaml", "cases/settings.yaml", "cases/users.yaml"] {
        let text = fs::read_to_string(from.join(file)).unwrap();
        fs::write(to.join(file), text.replace("new-policy", NewPolicy::NAME)).unwrap();
    }
    workspace
}

#[test]
fn a_new_policy_passes_its_cases_and_the_laws_for_its_samples_and_examples() {
    let workspace = workspace();
    let cases = load(&workspace.join("policies").join(NewPolicy::NAME).join("cases")).unwrap();
    let guest = Guest::of::<NewPolicy>();
    let engine = |operation: &str, payload: &[u8], _: &std::sync::Arc<testing::Recorded>| {
        Ok(if operation == "validate" { guest.validate(payload) } else { guest.validate_settings(payload) })
    };
    assert!(cases.len() > 4, "{}", cases.len());
    for case in cases {
        assert_eq!(case.replay(NewPolicy::NAME, &engine), Ok(()), "{}", case.name);
    }
    assert_eq!(check_samples::<NewPolicy>(&workspace), Ok(()));
    assert_eq!(check_examples::<NewPolicy>(&workspace), Ok(()));
}
