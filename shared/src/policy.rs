//! A policy: its settings and a rule. The seam between rules and the engine.

use crate::common::{CommonSettings, Settings};
use crate::facts::{Facts, Package};
use crate::findings::{Findings, Found, Rule};
use crate::image::{ImageRef, ParseError};
use crate::inspection::reports::{Reports, Scanner};
use crate::inspection::{Inspected, Inspection, Inspector, Inspects, Judging, Platforms};
use crate::malformed::Malformed;
use crate::object::Object;
use crate::pod::{Container, Model, Pod, PodImage};
use crate::process::Budget;
use crate::settings::{Faults, Fields, parse};
use crate::text::quote;
use crate::workload::Subject;
use json::Node;

/// A policy or a module of several policies with its facts. Implemented by [`policy!`](crate::policy!) and
/// [`combined!`](crate::combined!).
pub trait Described: 'static {
    /// Its name: directory under `policies/`, crate, module, artifact and key in settings.
    const NAME: &'static str;

    /// Its declared facts.
    const FACTS: Facts;

    /// Its package.
    const PACKAGE: Package;

    /// Its rules; empty for a module of several policies.
    const RULES: &'static [&'static Rule];

    /// The fields of a pod that it reads.
    const MODEL: &'static Model;

    /// What it needs of the images that pods run.
    const INSPECTS: Inspects;
}

/// The outcome of a check: done, or the object cannot be read.
pub type Checked = Result<(), Malformed>;

/// A rule. Implement one of the methods `check_…`, of which each calls the finer one by default.
///
/// A policy is a pure function of its settings and the object: no clock, randomness, environment, file or network.
pub trait Policy: Described {
    /// The policy's own settings; [`NoSettings`] when it has none.
    type Settings: Fields;

    /// The rule that an image breaks which is not a valid reference. Who implements [`check_image`](Self::check_image)
    /// names one; without it, images are not read.
    const MALFORMED_IMAGE: Option<&'static Rule> = None;

    /// Adds a fault for every combination of values in the settings that makes no sense. A setting that cannot be read has
    /// its default here.
    fn validate(settings: &Self::Settings, faults: &mut Faults) {
        let _ = (settings, faults);
    }

    /// Adds the faults that take too long to look for in every request. It is called when the settings are checked; a
    /// setting that only this would refuse must fail closed when a request is judged.
    fn validate_fully(settings: &Self::Settings, faults: &mut Faults) {
        let _ = (settings, faults);
    }

    /// Judges an object of one of the kinds that the [facts](Facts::kinds) name, where these are not workloads.
    ///
    /// # Errors
    /// The object cannot be read.
    fn check_object(settings: &Self::Settings, object: &Object<'_>, findings: &mut Findings) -> Checked {
        let _ = (settings, object, findings);
        Ok(())
    }

    /// Judges the pod as a whole. By default, judges each of its containers, then each of its images, by reference or as its
    /// registry has it.
    ///
    /// # Errors
    /// The pod cannot be read.
    fn check_pod(check: &Check<'_, Self::Settings>, findings: &mut Findings) -> Checked {
        for container in check.pod.containers() {
            Self::check_container(check, container, findings)?;
        }
        if !Self::INSPECTS.is_nothing() {
            inspect_images::<Self>(check, findings)?;
        }
        let Some(malformed) = Self::MALFORMED_IMAGE else { return Ok(()) };
        for image in check.pod.images()? {
            match image.parse() {
                Ok(parsed) => Self::check_image(check, &image, &parsed, findings)?,
                Err(error) => findings.add(&image, [unreadable_image(malformed, &image, error)]),
            }
        }
        Ok(())
    }

    /// Judges one container of any class.
    ///
    /// # Errors
    /// The container cannot be read.
    fn check_container(
        check: &Check<'_, Self::Settings>,
        container: &Container<'_>,
        findings: &mut Findings,
    ) -> Checked {
        let _ = (check, container, findings);
        Ok(())
    }

    /// Judges one image of the pod.
    ///
    /// # Errors
    /// A further field that it has to read cannot be read.
    fn check_image(
        check: &Check<'_, Self::Settings>,
        image: &PodImage<'_>,
        parsed: &ImageRef<'_>,
        findings: &mut Findings,
    ) -> Checked {
        let _ = (check, image, parsed, findings);
        Ok(())
    }

    /// The platforms of images that are inspected: a setting of the policy.
    fn platforms(settings: &Self::Settings) -> &Platforms {
        let _ = settings;
        &Platforms::Auto
    }

    /// Returns `true` if the image decides, and not the manifest alone. Nothing is asked about others.
    ///
    /// # Errors
    /// What the manifest says cannot be read.
    fn is_left_to_image(check: &Check<'_, Self::Settings>, image: &PodImage<'_>) -> Result<bool, Malformed> {
        let _ = (check, image);
        Ok(true)
    }

    /// Judges an image of the pod as its registry has it, for one platform. What is found for several is said once.
    ///
    /// # Errors
    /// A further field of the pod cannot be read, or the configuration of the image.
    fn check_inspected_image(
        check: &Check<'_, Self::Settings>,
        image: &PodImage<'_>,
        inspected: &Inspected<'_>,
        findings: &mut Findings,
    ) -> Inspection {
        let _ = (check, image, inspected, findings);
        Ok(())
    }
}

/// Judges the images of the pod as their registries have them.
fn inspect_images<P: Policy + ?Sized>(check: &Check<'_, P::Settings>, findings: &mut Findings) -> Checked {
    let judging = Judging {
        platforms: P::platforms(check.settings),
        is_left_to: &|image| P::is_left_to_image(check, image),
        check: &|image, inspected, findings| P::check_inspected_image(check, image, inspected, findings),
    };
    check.inspector.inspect(check.pod, &judging, findings)
}

/// The finding of an image that is not a valid reference.
fn unreadable_image(rule: &'static Rule, image: &PodImage<'_>, error: ParseError) -> Found {
    let problem = match error {
        ParseError::Empty => "it has no image".to_owned(),
        _ => format!("image {} {error}", quote(image.text())),
    };
    rule.found(problem, error.fix())
}

/// Everything that a rule judges by.
#[derive(Debug)]
pub struct Check<'c, S> {
    /// The policy's own settings.
    pub settings: &'c S,
    /// The pod that is judged.
    pub pod: &'c Pod<'c>,
    /// The namespace of the object; empty for one without.
    pub namespace: &'c str,
    /// The work that the policy may still put into commands of the object.
    pub budget: &'c Budget,
    /// Asks about images.
    pub(crate) inspector: &'c Inspector<'c>,
}

impl<'c, S> Check<'c, S> {
    /// The reports of scanners, for the images of the pod; `None` if nothing may be asked now.
    ///
    /// # Errors
    /// The fields that choose nodes cannot be read.
    pub fn reports(&self, scanners: &[Scanner]) -> Result<Option<Reports<'c>>, Malformed> {
        Reports::list(self.inspector, self.pod, scanners, self.namespace)
    }
}

crate::settings! {
    /// The settings of a policy that has none of its own.
    pub struct NoSettings {}
}

/// A policy with its settings, type-erased.
pub trait Judge {
    /// The name of the policy.
    fn name(&self) -> &'static str;
    /// Its declared facts.
    fn facts(&self) -> &'static Facts;
    /// The settings that every policy has.
    fn common(&self) -> &CommonSettings;
    /// What it needs of the images that pods run.
    fn inspects(&self) -> Inspects;
    /// Judges a pod or an object.
    ///
    /// # Errors
    /// It cannot be read.
    fn check(&self, subject: &Subject<'_>, means: &Means<'_>, findings: &mut Findings) -> Checked;
}

/// What a policy may use while it judges an object.
#[derive(Debug)]
pub struct Means<'m> {
    /// The namespace of the object; empty for one without.
    pub namespace: &'m str,
    /// The work that it may put into commands.
    pub budget: Budget,
    /// Asks about images.
    pub inspector: Inspector<'m>,
}

/// The checks of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// Those that every request can afford.
    Cheap,
    /// All.
    All,
}

/// Reads the JSON text of settings into the policies that judge. Absent settings are the defaults.
pub type Configure = fn(Option<&str>, Checks) -> Result<Vec<Box<dyn Judge>>, Faults>;

/// Reads the JSON text of the settings of the policy `P`, which judges alone. Absent settings are the defaults.
///
/// # Errors
/// Every fault, with its path.
pub fn configure<P: Policy>(text: Option<&str>, checks: Checks) -> Result<Vec<Box<dyn Judge>>, Faults> {
    Ok(vec![Box::new(Configured::<P>::read(text, checks)?)])
}

/// The policy `P` with its settings.
#[derive(Debug)]
pub struct Configured<P: Policy> {
    settings: Settings<P::Settings>,
}

impl<P: Policy> Configured<P> {
    /// Reads and checks the JSON text of the settings. Absent settings are the defaults.
    ///
    /// # Errors
    /// Every fault, with its path.
    pub fn read(text: Option<&str>, checks: Checks) -> Result<Self, Faults> {
        Self::read_with_defaults(&parse(text)?, checks, &CommonSettings::default(), Faults::default())
    }

    /// Reads and checks settings, on top of defaults.
    ///
    /// # Errors
    /// Every fault, with its path, added to `faults`.
    pub(crate) fn read_with_defaults(
        node: &Node<'_>,
        checks: Checks,
        defaults: &CommonSettings,
        faults: Faults,
    ) -> Result<Self, Faults> {
        let all: [fn(&P::Settings, &mut Faults); 2] = [P::validate, P::validate_fully];
        let made = if checks == Checks::All { &all[..] } else { &all[..1] };
        Ok(Self { settings: Settings::read(node, P::RULES, made, defaults, faults)? })
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

    fn facts(&self) -> &'static Facts {
        const { &P::FACTS }
    }

    fn common(&self) -> &CommonSettings {
        &self.settings.common
    }

    fn inspects(&self) -> Inspects {
        P::INSPECTS
    }

    fn check(
        &self,
        subject: &Subject<'_>,
        Means { namespace, budget, inspector }: &Means<'_>,
        findings: &mut Findings,
    ) -> Checked {
        match subject {
            Subject::Pod(pod) => {
                P::check_pod(&Check { settings: &self.settings.own, pod, namespace, budget, inspector }, findings)
            }
            Subject::Object(object) => P::check_object(&self.settings.own, object, findings),
        }
    }
}
