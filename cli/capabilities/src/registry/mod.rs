//! Registries, asked by the client that Kubewarden uses.
//!
//! A host that gave no answer is not asked again in the same run, so that the time of a run is bounded by the number of its
//! hosts. A tag is looked up once, and what it stands for is read by its digest, from the cache if it is there.

mod cache;
mod client;
mod credentials;
mod protocol;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oci_client::Reference;
use shared::image::ImageRef;
use tokio::runtime::Runtime;

use self::cache::Cache;
use self::client::{Host, Wish};
use crate::failure::Failure;
use crate::images::{MAX_BLOB, Store};

/// The tag of a reference without one.
const LATEST: &str = "latest";

/// How registries are asked.
pub struct Options {
    /// The hosts, with their ports, that may have an invalid certificate or none.
    pub insecure: BTreeSet<String>,
    /// The time for one answer: with credentials, tokens and redirections.
    pub timeout: Duration,
    /// The directory of the cache.
    pub cache: Option<PathBuf>,
    /// Gets the name of each image that is asked about.
    pub watch: Box<dyn Fn(&str) + Send + Sync>,
}

/// The registries of all images.
pub struct Registries {
    runtime: Option<Runtime>,
    options: Options,
    cache: Option<Cache>,
    hosts: Mutex<BTreeMap<String, Arc<Host>>>,
    /// The digests of tags.
    tags: Mutex<BTreeMap<String, String>>,
}

impl Registries {
    /// Registries that nobody was asked of yet.
    ///
    /// # Errors
    ///
    /// The system has no thread or socket to spare.
    pub fn new(options: Options) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        // Fails where a provider was chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let cache = options.cache.as_deref().and_then(Cache::open);
        let runtime = Some(runtime.map_err(|error| error.to_string())?);
        Ok(Self { runtime, options, cache, hosts: Mutex::default(), tags: Mutex::default() })
    }

    /// The hosts that gave no answer, each with the reason.
    pub(crate) fn silent(&self) -> Vec<(String, String)> {
        let hosts = lock(&self.hosts);
        hosts.iter().filter_map(|(name, host)| Some((name.clone(), host.silence()?))).collect()
    }

    /// The host of an image.
    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = lock(&self.hosts);
        let host = hosts
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Host::new(name, self.options.insecure.contains(name), self.options.timeout)));
        Arc::clone(host)
    }

    /// Asks the registry of an image.
    fn ask(&self, image: &ImageRef<'_>, reference: &Reference, wish: Wish<'_>) -> Result<(Vec<u8>, String), Failure> {
        (self.options.watch)(&image.to_string());
        let runtime = self.runtime.as_ref().ok_or_else(|| Failure::new("the client of registries has ended"))?;
        let host = self.host(image.domain());
        let (bytes, digest) = runtime.block_on(host.ask(reference, wish))?;
        if bytes.len() as u64 > MAX_BLOB {
            return Err(Failure::of_registry(format!("{digest} is larger than {MAX_BLOB} bytes")));
        }
        Ok((bytes, digest))
    }

    /// A manifest by its digest.
    fn by_digest(&self, image: &ImageRef<'_>, digest: &str) -> Result<(Vec<u8>, String), Failure> {
        if let Some(bytes) = self.cached(digest) {
            return Ok((bytes, digest.to_owned()));
        }
        let reference = Reference::with_digest(image.domain().to_owned(), image.path().into_owned(), digest.to_owned());
        let (bytes, _) = self.ask(image, &reference, Wish::Manifest)?;
        self.keep(digest, &bytes);
        Ok((bytes, digest.to_owned()))
    }

    /// The digest that the tag of an image stands for in this run.
    fn tag(&self, image: &ImageRef<'_>, reference: &Reference) -> Result<String, Failure> {
        let name = reference.whole();
        if let Some(digest) = lock(&self.tags).get(&name) {
            return Ok(digest.clone());
        }
        let (_, digest) = self.ask(image, reference, Wish::Digest)?;
        Ok(lock(&self.tags).entry(name).or_insert(digest).clone())
    }

    fn cached(&self, digest: &str) -> Option<Vec<u8>> {
        self.cache.as_ref()?.read(digest)
    }

    fn keep(&self, digest: &str, bytes: &[u8]) {
        if let Some(cache) = &self.cache {
            cache.write(digest, bytes);
        }
    }
}

impl Store for Registries {
    fn digest(&self, image: &ImageRef<'_>) -> Result<String, Failure> {
        match image.digest() {
            Some(digest) => self.by_digest(image, &digest.to_string()).map(|(_, digest)| digest),
            None => self.tag(image, &tagged(image)),
        }
    }

    fn manifest(&self, image: &ImageRef<'_>) -> Result<(Vec<u8>, String), Failure> {
        if let Some(digest) = image.digest() {
            return self.by_digest(image, &digest.to_string());
        }
        let reference = tagged(image);
        match self.tag(image, &reference) {
            Ok(digest) => self.by_digest(image, &digest),
            // A request for the digest alone fails without the registry's reason.
            Err(_) => self.ask(image, &reference, Wish::Manifest),
        }
    }

    fn blob(&self, image: &ImageRef<'_>, digest: &str) -> Result<Vec<u8>, Failure> {
        if let Some(bytes) = self.cached(digest) {
            return Ok(bytes);
        }
        let (bytes, _) = self.ask(image, &tagged(image), Wish::Blob(digest))?;
        self.keep(digest, &bytes);
        Ok(bytes)
    }
}

impl Drop for Registries {
    fn drop(&mut self) {
        // Without waiting for a helper of credentials that does not end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Registries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registries").finish_non_exhaustive()
    }
}

/// The reference of an image by its tag.
fn tagged(image: &ImageRef<'_>) -> Reference {
    let tag = image.tag().unwrap_or(LATEST).to_owned();
    Reference::with_tag(image.domain().to_owned(), image.path().into_owned(), tag)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
