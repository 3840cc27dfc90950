//! What policies can ask: images, and the objects of the cluster.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use capabilities::{Cluster, Layouts, Session, Source, World};
#[cfg(feature = "registry")]
use capabilities::{Options, Registries};
use manifests::{Item, Problem};

use crate::args::Answers;
#[cfg(feature = "registry")]
use crate::cache;
use crate::sources::{Choice, Sources};

/// The directory of the cache for answers of registries.
#[cfg(feature = "registry")]
const CACHE: &str = "images";

/// The world of the command line, whose cluster is not known yet. `watch` gets the name of each image that a registry is
/// asked about.
///
/// # Errors
///
/// Images cannot be inspected as the command line says.
pub(crate) fn open(arguments: &Answers, watch: impl Fn(&str) + Send + Sync + 'static) -> Result<Arc<World>, String> {
    let source = match arguments.images.as_deref() {
        None => Source::Nowhere,
        Some(_) if arguments.asks_registries() => registries(arguments, watch)?,
        Some(path) => local(path).map_err(|reason| format!("--images: {reason}"))?,
    };
    Ok(Arc::new(World::new(source, arguments.record.is_some())))
}

/// A directory of layouts, or the file of a session.
fn local(path: &Path) -> Result<Source, String> {
    if path.is_dir() {
        return Layouts::open(path).map(Source::Layouts);
    }
    let fault = |reason: String| format!("{}: {reason}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let session = Session::read(&text).map_err(|reason| fault(format!("not a session of kwctl: {reason}")))?;
    Ok(Source::Session(session))
}

#[cfg(feature = "registry")]
fn registries(arguments: &Answers, watch: impl Fn(&str) + Send + Sync + 'static) -> Result<Source, String> {
    let options = Options {
        insecure: arguments.insecure.iter().cloned().collect(),
        timeout: std::time::Duration::from_secs(arguments.registry_timeout),
        cache: cache::directory().map(|directory| directory.join(CACHE)),
        watch: Box::new(watch),
    };
    Registries::new(options).map(|registries| Source::Registries(Box::new(registries)))
}

#[cfg(not(feature = "registry"))]
fn registries(_: &Answers, _: impl Fn(&str)) -> Result<Source, String> {
    let reason = "this seaworthy was built without the client of registries; build it with `cargo xtask command`, or with \
                  `--features registry`, or give --images a directory of OCI layouts";
    Err(reason.to_owned())
}

/// Completes the world by the objects of the input and of `--cluster`. Those of the input come first: they are what the
/// cluster is going to be.
///
/// # Errors
///
/// An object of the cluster cannot be read.
pub(crate) fn complete<'i>(
    world: &World,
    input: impl Iterator<Item = &'i Result<Item, Problem>>,
    arguments: &Answers,
    namespace: &str,
) -> Result<(), Problem> {
    let sources = Sources::of(&arguments.cluster, &Choice::default());
    if let Some(problem) = sources.problems.into_iter().next() {
        return Err(problem);
    }
    let mut cluster = Vec::new();
    for items in sources.files.iter().filter_map(crate::sources::Source::items) {
        cluster.extend(items.into_iter().collect::<Result<Vec<_>, _>>()?);
    }
    let mut items = Vec::new();
    items.extend(&cluster);
    for item in input.flatten() {
        items.push(item);
    }
    let objects = items.into_iter().filter_map(|item| match item {
        Item::Object(object) => Some(object),
        Item::Request { .. } => None,
    });
    world.set_cluster(Cluster::new(objects, namespace));
    Ok(())
}

/// What policies asked for and did not get, as sentences.
pub(crate) fn shortcomings(world: &World, arguments: &Answers) -> BTreeSet<String> {
    let mut shortcomings = BTreeSet::new();
    let kinds: Vec<_> = world.kinds().into_iter().collect();
    if arguments.cluster.is_empty() && !kinds.is_empty() {
        shortcomings.insert(format!(
            "policies read {} of the cluster, of which only the objects in the input are known (add others by --cluster)",
            kinds.join(", ")
        ));
    }
    if let (Some((number, image)), Some(file)) = (world.not_in_session(), &arguments.images) {
        let about = if image.is_empty() { String::new() } else { format!(", such as the one about {image}") };
        let questions = if number == 1 { "question" } else { "questions" };
        shortcomings.insert(format!("{} holds no answer to {number} {questions}{about}", file.display()));
    }
    for (host, reason) in world.silent_registries() {
        shortcomings.insert(format!("registry {host}: {reason}; its images are not inspected"));
    }
    shortcomings
}
