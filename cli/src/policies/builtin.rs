//! The policies of this project: their modules, and what is known of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::Fault;
use crate::args;

#[cfg(feature = "embedded")]
mod embedded {
    //! The files of `dist/` at the time of the build.
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// The default directory of the modules.
#[cfg(any(test, not(feature = "embedded")))]
const DIRECTORY: &str = "dist";

/// What a policy asks its host about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Nothing,
    /// Images, as their registries have them.
    Images,
    /// Objects of the cluster.
    Cluster,
}

/// The namespace of the capabilities that are about objects of the cluster.
const OF_CLUSTERS: &str = "kubernetes/";
/// The namespace of the capabilities that are about images.
const OF_IMAGES: &str = "oci/";

/// The modules, and their entries in the catalogue, by the name of the policy.
#[derive(Debug, Default)]
pub(crate) struct Builtin {
    modules: BTreeMap<String, Bytes>,
    catalogue: BTreeMap<String, Entry>,
}

/// The location of the bytes of a module.
#[derive(Debug)]
enum Bytes {
    File(PathBuf),
    #[cfg(feature = "embedded")]
    Embedded(&'static [u8]),
}

/// The description of a policy: `dist/<policy>.json`, which `cargo xtask build` writes.
/// Programs get it as it is, but for the parts that commands of their own print.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Entry {
    /// Its name for people.
    pub(crate) title: String,
    /// Its description, in one sentence.
    pub(crate) description: String,
    /// The reason for it: the introduction of its README, in Markdown.
    pub(crate) why: String,
    /// Its severity.
    pub(crate) severity: String,
    /// Its version, without a `v`.
    pub(crate) version: String,
    /// The section of the guide that it enforces; a module of several policies has none of its own.
    pub(crate) guide: Option<Guide>,
    /// Its rules.
    #[serde(default)]
    pub(crate) rules: Vec<Rule>,
    /// The JSON Schema of its settings.
    #[serde(skip_serializing)]
    pub(crate) schema: Value,
    /// Manifests that load it into a cluster, by their purpose.
    #[serde(skip_serializing)]
    pub(crate) manifests: BTreeMap<String, String>,
    /// What it asks its host, such as `oci/v1/oci_manifest`.
    #[serde(default)]
    pub(crate) capabilities: Vec<String>,
    /// The policies that the module holds, when it holds several. Such a module judges only on request.
    #[serde(default)]
    pub(crate) combines: Vec<String>,
}

/// A section of a guide.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Guide {
    pub(crate) title: String,
    pub(crate) url: String,
}

/// A rule of a policy.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Rule {
    pub(crate) id: String,
    /// The problem that it finds, in one sentence.
    pub(crate) about: String,
    /// `deny`, `warn` or `off`.
    pub(crate) default: String,
    /// Rules of other policies, as `policy/rule`, that find the same fault at the same place.
    #[serde(default)]
    pub(crate) covers: Vec<String>,
    /// A case that breaks it.
    pub(crate) bad: Option<Example>,
    /// The same put right.
    pub(crate) good: Option<Example>,
    /// The address that opens the bad example in the browser.
    pub(crate) playground: Option<String>,
}

/// A case of a policy.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Example {
    /// What it shows, in one sentence.
    pub(crate) about: String,
    /// Settings and input, in YAML.
    pub(crate) input: String,
    /// The message of the policy; empty when it accepts without one.
    pub(crate) says: String,
}

/// The directory of the modules: `dist` in the current directory, else in the checkout that this program was built in.
#[cfg(not(feature = "embedded"))]
fn directory() -> PathBuf {
    let here = PathBuf::from(DIRECTORY);
    // target/debug/seaworthy
    let program = std::env::current_exe().ok();
    let checkout = program.as_deref().and_then(|program| program.ancestors().nth(3)).map(|root| root.join(DIRECTORY));
    match checkout {
        Some(checkout) if !here.is_dir() && checkout.is_dir() => checkout,
        _ => std::path::absolute(&here).unwrap_or(here),
    }
}

impl Builtin {
    /// Those in the directory that the command line names, else those in this program, else those in `dist/`.
    pub(crate) fn open(arguments: &args::Builtin) -> Result<Self, Fault> {
        match &arguments.modules {
            Some(directory) => Self::in_directory(directory),
            #[cfg(feature = "embedded")]
            None => Self::embedded(),
            #[cfg(not(feature = "embedded"))]
            None => Self::in_directory(&directory()),
        }
    }

    fn in_directory(directory: &Path) -> Result<Self, Fault> {
        let shown = directory.display().to_string();
        let unreadable = |error: std::io::Error| Fault::Modules(shown.clone(), error.to_string());
        let mut builtin = Self::default();
        for entry in std::fs::read_dir(directory).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("wasm") => {
                    builtin.modules.insert(name.to_owned(), Bytes::File(path.clone()));
                }
                Some("json") => {
                    let text = std::fs::read(&path).map_err(unreadable)?;
                    builtin.add_entry(name, &path.display().to_string(), &text)?;
                }
                _ => {}
            }
        }
        if builtin.modules.is_empty() {
            return Err(Fault::NoModules(shown));
        }
        Ok(builtin)
    }

    #[cfg(feature = "embedded")]
    fn embedded() -> Result<Self, Fault> {
        let mut builtin = Self::default();
        for (file, bytes) in embedded::FILES {
            match file.rsplit_once('.') {
                Some((name, "wasm")) => {
                    builtin.modules.insert(name.to_owned(), Bytes::Embedded(bytes));
                }
                Some((name, _)) => builtin.add_entry(name, file, bytes)?,
                None => {}
            }
        }
        Ok(builtin)
    }

    fn add_entry(&mut self, name: &str, file: &str, text: &[u8]) -> Result<(), Fault> {
        let entry =
            serde_json::from_slice(text).map_err(|error| Fault::Catalogue(file.to_owned(), error.to_string()))?;
        self.catalogue.insert(name.to_owned(), entry);
        Ok(())
    }

    /// The names of the policies, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.modules.keys().map(String::as_str)
    }

    /// The policies that judge when none is chosen: all but those that repeat others.
    pub(crate) fn defaults(&self) -> impl Iterator<Item = &str> {
        self.names().filter(|name| self.catalogue.get(*name).is_none_or(|entry| entry.combines.is_empty()))
    }

    /// What a policy asks about.
    pub(crate) fn subject(&self, name: &str) -> Subject {
        let capabilities = self.catalogue.get(name).map_or(&[][..], |entry| &entry.capabilities);
        let asks = |namespace: &str| capabilities.iter().any(|capability| capability.starts_with(namespace));
        match () {
            () if asks(OF_CLUSTERS) => Subject::Cluster,
            () if asks(OF_IMAGES) => Subject::Images,
            () => Subject::Nothing,
        }
    }

    /// The description of a policy.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.catalogue.get(name)
    }

    /// The bytes of a module.
    ///
    /// # Errors
    ///
    /// Says why a file cannot be read.
    pub(crate) fn bytes(&self, name: &str) -> Result<Cow<'static, [u8]>, String> {
        match self.modules.get(name) {
            Some(Bytes::File(path)) => std::fs::read(path)
                .map(Cow::Owned)
                .map_err(|error| format!("{} cannot be read: {error}", path.display())),
            #[cfg(feature = "embedded")]
            Some(Bytes::Embedded(bytes)) => Ok(Cow::Borrowed(bytes)),
            None => Err("no such module".to_owned()),
        }
    }
}

#[cfg(all(test, feature = "embedded"))]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_are_those_of_dist_byte_for_byte() {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(DIRECTORY);
        // What is made for JavaScript stands in directories.
        let entries = std::fs::read_dir(&dist).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file());
        let mut there: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        there.sort();
        let carried: Vec<&str> = super::embedded::FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(carried, there);
        for (name, bytes) in super::embedded::FILES {
            assert!(std::fs::read(dist.join(name)).unwrap() == *bytes, "{name}");
        }
        assert_eq!(Builtin::open(&args::Builtin { modules: None }).unwrap().names().count(), carried.len() / 2);
    }
}
