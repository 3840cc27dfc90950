//! What is published of a policy, made from its sources: the files for Artifact Hub and Rancher, the manifests, and
//! the tables of its README.

mod artifacthub;
mod catalog;
mod changelog;
mod checks;
mod examples;
mod logo;
mod manifests;
pub(crate) mod metadata;
mod names;
mod questions;
mod readme;
#[cfg(test)]
mod sample;
mod schema;
mod text;

use std::fs;
use std::path::Path;

use libtest_mimic::{Failed, Trial};

use shared::module::Module;
use shared::settings::Tree;

use text::{json, yaml};

/// A file that is published.
struct File {
    /// Its path from the root of the project, with slashes.
    path: String,
    content: String,
}

/// Every file of the policy `M` of the project in `root`.
fn files<M: Module>(root: &Path) -> Result<Vec<File>, String> {
    let source = format!("policies/{}/README.md", M::NAME);
    let text = read(root, &source)?;
    let readme = readme::fill::<M>(&text).map_err(|problem| format!("{source}: {problem}"))?;
    let published = readme::published::<M>(&readme);
    let changes = changelog::release::<M>(root)?;
    let version = format!("artifacthub/{}/{}", M::NAME, M::METADATA.version);
    let chart = format!("artifacthub/charts/{}", M::NAME);
    let form = questions::form::<M>();
    let questions = yaml(&form)?;

    let mut files = vec![
        (source, readme),
        (format!("{version}/README.md"), published.clone()),
        (format!("{version}/artifacthub-pkg.yml"), yaml(&artifacthub::package::<M>(&changes, &form)?)?),
        (format!("{version}/logo.svg"), logo::logo::<M>()),
        (format!("{version}/metadata.yml"), yaml(&metadata::tree::<M>(None))?),
        (format!("{version}/questions-ui.yml"), questions.clone()),
        (format!("{version}/settings.schema.json"), json(&schema::document::<M>())?),
        (format!("{chart}/Chart.yaml"), yaml(&catalog::chart::<M>()?)?),
        (format!("{chart}/README.md"), published),
        (format!("{chart}/questions.yaml"), questions),
        (format!("{chart}/values.yaml"), yaml(&catalog::values::<M>())?),
    ];
    for (name, manifest) in manifests::all::<M>() {
        files.push((format!("{version}/manifests/{name}.yaml"), yaml(&manifest)?));
    }
    Ok(files.into_iter().map(|(path, content)| File { path, content }).collect())
}

/// What `cargo xtask gen` needs of a policy: its files, and its part in what is made of all policies together.
pub(super) fn print<M: Module>(root: &Path) -> Result<String, String> {
    let files = files::<M>(root)?.into_iter().map(|file| (file.path, Tree::Text(file.content)));
    let policy = &M::METADATA;
    json(&Tree::object([
        ("name", M::NAME.into()),
        ("combines", Tree::list(M::members().iter().map(|member| member.name))),
        ("title", policy.title.into()),
        ("description", policy.description.into()),
        ("severity", names::severity(policy).into()),
        ("category", names::category(policy).into()),
        ("version", policy.version.into()),
        ("license", policy.license.into()),
        ("repository", policy.repository.into()),
        ("registry", names::REGISTRY.into()),
        ("module", names::module::<M>().into()),
        ("rules", metadata::rules()),
        ("guide", Tree::object([("title", policy.guide.title().into()), ("url", policy.guide.url().into())])),
        ("findings", examples::rules::<M>(root)?),
        ("strict", manifests::strict::<M>()),
        ("schema", schema::settings::<M>()),
        ("files", Tree::object(files)),
    ]))
}

/// The tests of what is published, for the policy `M` of the project in `root`.
pub(super) fn trials<M: Module>(root: &Path) -> Vec<Trial> {
    let published = root.to_path_buf();
    let mut trials = vec![Trial::test("the published files are those that the sources give", move || {
        drift::<M>(&published).map_err(Failed::from)
    })];
    for (name, check) in checks::all::<M>() {
        trials.push(Trial::test(name, move || check().map_err(Failed::from)));
    }
    trials
}

/// Compares the files with those on disk. With `UPDATE=1` in the environment, writes them instead.
fn drift<M: Module>(root: &Path) -> Result<(), String> {
    let update = std::env::var_os("UPDATE").is_some_and(|update| update == "1");
    let mut stale = Vec::new();
    for File { path, content } in files::<M>(root)? {
        let file = root.join(&path);
        if fs::read_to_string(&file).is_ok_and(|there| there == content) {
            continue;
        }
        if update {
            let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, content));
            written.map_err(|error| format!("{path}: {error}"))?;
        } else {
            stale.push(format!("{path} is stale; run `cargo xtask gen`"));
        }
    }
    if stale.is_empty() { Ok(()) } else { Err(stale.join("\n")) }
}

/// Reads a file of the project.
fn read(root: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
}
