//! Who answers what, for all policies of a run.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use host::{Capabilities, Unanswered};

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::images::{self, Layouts};
use crate::memo::Memo;
use crate::question::Question;
#[cfg(feature = "registry")]
use crate::registry::Registries;
use crate::session::{self, Exchange, Session};

/// The source of what policies ask about images.
#[derive(Debug, Default)]
pub enum Source {
    /// Nobody answers.
    #[default]
    Nowhere,
    /// A recorded session, which may also answer any other question.
    Session(Session),
    /// OCI layouts.
    Layouts(Layouts),
    /// The registries of the images.
    #[cfg(feature = "registry")]
    Registries(Box<Registries>),
}

/// Everything that policies can ask about in a run.
#[derive(Debug)]
pub struct World {
    source: Source,
    cluster: OnceLock<Cluster>,
    memo: Memo,
    recorded: Option<Mutex<Vec<Exchange>>>,
    kinds: Mutex<BTreeSet<String>>,
    not_in_session: Mutex<BTreeSet<Question>>,
}

impl World {
    /// A world without objects yet; it remembers its answers in order when they are to be recorded.
    #[must_use]
    pub fn new(source: Source, records: bool) -> Self {
        Self {
            source,
            cluster: OnceLock::new(),
            memo: Memo::default(),
            recorded: records.then(Mutex::default),
            kinds: Mutex::default(),
            not_in_session: Mutex::default(),
        }
    }

    /// The objects of the cluster; only the first call counts.
    pub fn set_cluster(&self, cluster: Cluster) {
        let _ = self.cluster.set(cluster);
    }

    /// The host of a policy that was granted these resources, each as `apiVersion` and `kind`.
    #[must_use]
    pub fn granted(self: &Arc<Self>, resources: BTreeSet<(String, String)>) -> Arc<dyn Capabilities> {
        Arc::new(Granted { world: Arc::clone(self), resources })
    }

    /// The session that kwctl would have recorded.
    ///
    /// # Errors
    ///
    /// An answer cannot be written as text.
    pub fn session(&self) -> Result<String, String> {
        let recorded = self.recorded.as_ref().map(lock);
        session::write(recorded.as_deref().map_or(&[], Vec::as_slice))
    }

    /// The kinds of objects that were asked for, as `apiVersion/kind`.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<String> {
        lock(&self.kinds).clone()
    }

    /// The number of questions that the session does not answer, and the image of one.
    #[must_use]
    pub fn not_in_session(&self) -> Option<(usize, String)> {
        let questions = lock(&self.not_in_session);
        let image = questions.iter().find_map(Question::image).unwrap_or_default().to_owned();
        (!questions.is_empty()).then(|| (questions.len(), image))
    }

    /// The registries that gave no answer at all, each with the reason.
    #[must_use]
    pub fn silent_registries(&self) -> Vec<(String, String)> {
        match &self.source {
            #[cfg(feature = "registry")]
            Source::Registries(registries) => registries.silent(),
            _ => Vec::new(),
        }
    }

    /// The answer to a question, which is recorded.
    fn answer(&self, question: &Question) -> Result<Vec<u8>, Unanswered> {
        if !self.knows(question) {
            return Err(Unanswered::NotOffered(lacking(question).to_owned()));
        }
        let answer = self.memo.answer(question, || self.ask(question));
        if let Some(recorded) = &self.recorded {
            lock(recorded).push((question.clone(), answer.clone()));
        }
        answer.map_err(|failure| Unanswered::Failed(failure.told()))
    }

    /// Returns `true` if there is somebody to ask.
    fn knows(&self, question: &Question) -> bool {
        question.resource().is_some()
            || match self.source {
                Source::Nowhere => false,
                Source::Session(_) => true,
                Source::Layouts(_) => question.image().is_some(),
                #[cfg(feature = "registry")]
                Source::Registries(_) => question.image().is_some(),
            }
    }

    fn ask(&self, question: &Question) -> Result<Vec<u8>, Failure> {
        let answer = match &self.source {
            Source::Nowhere => None,
            Source::Session(session) => session.answer(question),
            Source::Layouts(layouts) => images::answer(layouts, question),
            #[cfg(feature = "registry")]
            Source::Registries(registries) => images::answer(registries.as_ref(), question),
        };
        let answer = answer.or_else(|| {
            let (api_version, kind) = question.resource()?;
            lock(&self.kinds).insert(format!("{api_version}/{kind}"));
            self.cluster.get()?.answer(question)
        });
        answer.unwrap_or_else(|| {
            lock(&self.not_in_session).insert(question.clone());
            Err(Failure::new("the session does not hold this question"))
        })
    }
}

/// The reason why nobody can be asked.
fn lacking(question: &Question) -> &'static str {
    if question.image().is_some() {
        "which needs --images"
    } else {
        "which only a recorded session answers (--images FILE)"
    }
}

/// The world as one policy may see it.
struct Granted {
    world: Arc<World>,
    resources: BTreeSet<(String, String)>,
}

impl Capabilities for Granted {
    fn call(&self, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, Unanswered> {
        let question = Question::read(namespace, operation, payload).map_err(Unanswered::Failed)?;
        if let Some((api_version, kind)) = question.resource()
            && !self.resources.contains(&(api_version.to_owned(), kind.to_owned()))
        {
            return Err(Unanswered::Failed(format!(
                "Policy has not been granted access to Kubernetes {api_version}/{kind} resources. The violation has been \
                 reported."
            )));
        }
        self.world.answer(&question)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
