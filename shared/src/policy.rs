//! A policy: its settings and a rule. The seam between rules and the engine.

use crate::common::{ClassActions, CommonSettings, Settings};
use crate::facts::Metadata;
use crate::findings::{Findings, Rule};
use crate::malformed::Malformed;
use crate::pod::{Container, Pod};
use crate::process::Budget;
use crate::settings::{Faults, Fields, parse};
use json::Node;

/// A policy or a module of several that says what it is. Implemented by [`policy!`](crate::policy!) and
/// [`combined!`](crate::combined!).
pub trait Described: 'static {
    /// Its name: directory under `policies/`, crate, module, artifact and key in settings.
    const NAME: &'static str;

    /// How strictly each class of containers is judged by default.
    const CONTAINERS: ClassActions;

    /// What it finds; empty when only its policies say.
    const RULES: &'static [&'static Rule];

    /// What else is known of it. Nothing of this is in a module's code.
    const METADATA: Metadata;
}

/// A rule over one pod. Implement one of the two methods `check_…`.
///
/// A policy is a pure function of its settings and the pod: no clock, randomness, environment, file or network.
pub trait Policy: Described {
    /// The policy's own settings; [`NoSettings`] when it has none.
    type Settings: Fields;

    /// Adds a fault for every combination of values in the settings that makes no sense.
    fn validate(settings: &Self::Settings, faults: &mut Faults) {
        let _ = (settings, faults);
    }

    /// Adds the faults that take too long to look for in every request. It is called when the settings are checked and
    /// nothing else is wrong with them; a setting that only this would refuse must fail closed when a request is judged.
    fn validate_fully(settings: &Self::Settings, faults: &mut Faults) {
        let _ = (settings, faults);
    }

    /// Judges the pod as a whole. By default, judges each of its containers.
    ///
    /// # Errors
    /// The pod cannot be read.
    fn check_pod(check: &Check<'_, Self::Settings>, findings: &mut Findings) -> Result<(), Malformed> {
        check.pod.containers().iter().try_for_each(|container| Self::check_container(check, container, findings))
    }

    /// Judges one container of any class.
    ///
    /// # Errors
    /// The container cannot be read.
    fn check_container(
        check: &Check<'_, Self::Settings>,
        container: &Container<'_>,
        findings: &mut Findings,
    ) -> Result<(), Malformed> {
        let _ = (check, container, findings);
        Ok(())
    }
}

/// Everything that a rule judges by.
#[derive(Debug)]
pub struct Check<'c, S> {
    /// The policy's own settings.
    pub settings: &'c S,
    /// The pod that is judged.
    pub pod: &'c Pod<'c>,
    /// The work that the policy may still put into commands of the object.
    pub budget: &'c Budget,
}

crate::settings! {
    /// The settings of a policy that has none of its own.
    pub struct NoSettings {}
}

/// A policy with its settings, of whatever type they are.
pub trait Judge {
    /// The name of the policy.
    fn name(&self) -> &'static str;
    /// How strictly it judges each class of containers by default.
    fn containers(&self) -> ClassActions;
    /// The settings that every policy has.
    fn common(&self) -> &CommonSettings;
    /// Faults of the settings that are too expensive to look for in every request.
    fn validate_fully(&self) -> Faults;
    /// Judges a pod.
    ///
    /// # Errors
    /// The pod cannot be read.
    fn check(&self, pod: &Pod<'_>, budget: &Budget, findings: &mut Findings) -> Result<(), Malformed>;
}

/// Reads the JSON text of settings into the policies that judge. Absent settings are the defaults.
pub type Configure = fn(Option<&str>) -> Result<Vec<Box<dyn Judge>>, Faults>;

/// Reads the JSON text of the settings of the policy `P`, which judges alone. Absent settings are the defaults.
///
/// # Errors
/// Every fault, with its path.
pub fn configure<P: Policy>(text: Option<&str>) -> Result<Vec<Box<dyn Judge>>, Faults> {
    Ok(vec![Box::new(Configured::<P>::read(text)?)])
}

/// The policy `P` with its settings.
#[derive(Debug)]
pub struct Configured<P: Policy> {
    settings: Settings<P::Settings>,
    /// Where the settings stand in those of a module of several policies; empty when they stand alone.
    root: String,
}

impl<P: Policy> Configured<P> {
    /// Reads and checks the JSON text of the settings. Absent settings are the defaults.
    ///
    /// # Errors
    /// Every fault, with its path.
    pub fn read(text: Option<&str>) -> Result<Self, Faults> {
        Self::read_over(&parse(text)?, &CommonSettings::default(), String::new())
    }

    /// Reads and checks settings that stand at the path `root`, on top of defaults.
    ///
    /// # Errors
    /// Every fault, with its path.
    pub(crate) fn read_over(node: &Node<'_>, defaults: &CommonSettings, root: String) -> Result<Self, Faults> {
        let settings = Settings::read(node, P::RULES, P::validate, defaults, Faults::below(&root))?;
        Ok(Self { settings, root })
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings<P::Settings> {
        &self.settings
    }
}

impl<P: Policy> Judge for Configured<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn containers(&self) -> ClassActions {
        P::CONTAINERS
    }

    fn common(&self) -> &CommonSettings {
        &self.settings.common
    }

    fn validate_fully(&self) -> Faults {
        let mut faults = Faults::below(&self.root);
        P::validate_fully(&self.settings.own, &mut faults);
        faults
    }

    fn check(&self, pod: &Pod<'_>, budget: &Budget, findings: &mut Findings) -> Result<(), Malformed> {
        P::check_pod(&Check { settings: &self.settings.own, pod, budget }, findings)
    }
}
