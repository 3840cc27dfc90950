//! The settings that every policy has.

use super::exemption::Exemption;
use crate::findings::{Finding, Rule, RuleAction};
use crate::place::Class;
use crate::settings;
use crate::settings::{Faults, MAX_ENTRIES, Named, unknown};
use json::Node;

settings! {
    /// Settings that every policy has.
    pub struct CommonSettings {
        /// The effect of findings: `deny` the request, or `warn` and accept it.
        action: Action = Action::Deny => "action",
        /// The treatment of each class of containers.
        containers: ClassActions = ClassActions::default() => "containers",
        /// The treatment of objects that the built-in controllers create for an owner, such as the Pods of a ReplicaSet.
        controllers: Controllers = Controllers::Judge => "controllers",
        /// Exempt images, namespaces and users, each with a reason.
        exemptions: Vec<Exemption> = Vec::new() => "exemptions",
        /// The effect of single rules, by their id. Takes precedence over `action`.
        rules: Named<RuleAction> = Named::default() => "rules",
        /// The treatment of an UPDATE.
        updates: Updates = Updates::Ratchet => "updates",
    }
}

impl CommonSettings {
    /// The effect of a finding by its rule, before the class of its container counts. `None` if it is off.
    pub(crate) fn action(&self, finding: &Finding) -> Option<Action> {
        let Finding { rule, at, warns_by_default, .. } = finding;
        match self.rules.get(rule.id).copied().unwrap_or(match (rule.default_for(at.owner.class()), self.action) {
            (RuleAction::Deny, Action::Warn) => RuleAction::Warn,
            (RuleAction::Deny, _) if *warns_by_default => RuleAction::Warn,
            (default, _) => default,
        }) {
            RuleAction::Deny => Some(Action::Deny),
            RuleAction::Warn => Some(Action::Warn),
            RuleAction::Off => None,
        }
    }

    /// Adds a fault for every rule in settings that is none of `rules`, and every exemption that makes no sense.
    pub(crate) fn validate(settings: &Node<'_>, rules: &[&Rule], faults: &mut Faults) {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        if let Some(Node::Object(named)) = settings.get("rules")
            && named.len() <= MAX_ENTRIES
        {
            for (id, _) in named.iter().filter(|(id, _)| !ids.contains(&&**id)) {
                faults.add(&format!("rules.{id}"), &unknown("rule", id, &[&ids]));
            }
        }
        Exemption::validate(settings, &ids, faults);
    }
}

settings! {
    /// The effect of a finding on the request.
    pub enum Action {
        /// Reject the request.
        Deny => "deny",
        /// Accept it and return the finding as an API warning, which kubectl prints.
        Warn => "warn",
    }
}

settings! {
    /// The treatment of objects that the built-in controllers create for an owner.
    pub enum Controllers {
        /// Like all others.
        Judge => "judge",
        /// Findings only warn, because the owner was judged when it was written. Pods of existing workloads can be created again.
        Trust => "trust",
    }
}

settings! {
    /// The treatment of an UPDATE.
    pub enum Updates {
        /// A finding that the old object has too only warns.
        Ratchet => "ratchet",
        /// As a CREATE.
        Full => "full",
    }
}

settings! {
    /// The treatment of a class of containers.
    pub enum ClassAction {
        /// The action of the rule.
        Enforce => "enforce",
        /// A finding only warns.
        Warn => "warn",
        /// The class is not judged.
        Ignore => "ignore",
    }
}

settings! {
    /// The treatment of each class. A class that is not set follows the default of the policy.
    pub struct ClassActions {
        /// Containers of the application.
        main: Option<ClassAction> = None => "main",
        /// Init containers that run once.
        init: Option<ClassAction> = None => "init",
        /// Init containers with `restartPolicy: Always`.
        sidecar: Option<ClassAction> = None => "sidecar",
        /// Ephemeral containers.
        ephemeral: Option<ClassAction> = None => "ephemeral",
    }
}

impl ClassActions {
    /// Every class enforced, `ephemeral` as given: the default of most policies.
    #[must_use]
    pub const fn enforce_all_but_ephemeral(ephemeral: ClassAction) -> Self {
        let enforce = Some(ClassAction::Enforce);
        Self { main: enforce, init: enforce, sidecar: enforce, ephemeral: Some(ephemeral) }
    }

    /// Containers that run as long as the pod are enforced. Init containers, which run once, and ephemeral containers,
    /// which a person starts and stops, are ignored.
    #[must_use]
    pub const fn enforce_long_running() -> Self {
        let (enforce, ignore) = (Some(ClassAction::Enforce), Some(ClassAction::Ignore));
        Self { main: enforce, init: ignore, sidecar: enforce, ephemeral: ignore }
    }

    /// The same, with another action for init containers.
    #[must_use]
    pub const fn with_init(self, init: ClassAction) -> Self {
        Self { init: Some(init), ..self }
    }

    /// These actions, and those of `defaults` for the classes that are not set here.
    pub(crate) fn or(&self, defaults: &Self) -> Self {
        Self {
            main: self.main.or(defaults.main),
            init: self.init.or(defaults.init),
            sidecar: self.sidecar.or(defaults.sidecar),
            ephemeral: self.ephemeral.or(defaults.ephemeral),
        }
    }

    /// The action for containers of `class`, if it is set here.
    #[must_use]
    pub const fn of(&self, class: Class) -> Option<ClassAction> {
        match class {
            Class::Main => self.main,
            Class::Init => self.init,
            Class::Sidecar => self.sidecar,
            Class::Ephemeral => self.ephemeral,
        }
    }
}
