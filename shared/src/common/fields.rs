//! The settings that every policy has.

use super::exemption::Exemption;
use crate::findings::{Finding, Rule, RuleAction};
use crate::place::Class;
use crate::settings;
use crate::settings::{Faults, Named, unknown};

settings! {
    /// Settings that every policy has.
    pub struct CommonSettings {
        /// What findings do: `deny` the request, or `warn` and accept it.
        action: Action = Action::Deny => "action",
        /// How strictly each class of containers is judged.
        containers: ClassActions = ClassActions::default() => "containers",
        /// How objects are judged that the built-in controllers create for an owner, such as the Pods of a ReplicaSet.
        controllers: Controllers = Controllers::Judge => "controllers",
        /// Who or what is exempt, and why.
        exemptions: Vec<Exemption> = Vec::new() => "exemptions",
        /// What single rules do, by their id. Comes before `action`.
        rules: Named<RuleAction> = Named::default() => "rules",
        /// How an UPDATE is judged.
        updates: Updates = Updates::Ratchet => "updates",
    }
}

impl CommonSettings {
    /// What a finding does by its rule, before the class of its container counts. `None` when it is off.
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

    /// Adds a fault for every rule that is none of `rules` and every exemption that makes no sense.
    pub(crate) fn validate(&self, rules: &[&Rule], faults: &mut Faults) {
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        for (id, _) in &self.rules.0 {
            if !ids.contains(&id.as_str()) {
                faults.add(&format!("rules.{id}"), &unknown("rule", id, &[&ids]));
            }
        }
        for (index, exemption) in self.exemptions.iter().enumerate() {
            exemption.validate(&format!("exemptions[{index}]"), &ids, faults);
        }
    }
}

settings! {
    /// What a finding does to the request.
    pub enum Action {
        /// Reject the request.
        Deny => "deny",
        /// Accept it and return the finding as an API warning, which kubectl prints.
        Warn => "warn",
    }
}

settings! {
    /// How objects are judged that the built-in controllers create for an owner.
    pub enum Controllers {
        /// Like all others.
        Judge => "judge",
        /// Findings only warn, because the owner was judged when it was written. Pods of existing workloads can be created again.
        Trust => "trust",
    }
}

settings! {
    /// How an UPDATE is judged.
    pub enum Updates {
        /// A finding that the old object has too only warns.
        Ratchet => "ratchet",
        /// As a CREATE.
        Full => "full",
    }
}

settings! {
    /// How strictly a class of containers is judged.
    pub enum ClassAction {
        /// As the rule says.
        Enforce => "enforce",
        /// A finding only warns.
        Warn => "warn",
        /// Not at all.
        Ignore => "ignore",
    }
}

settings! {
    /// How strictly each class is judged. What is not set follows the policy's default.
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

    /// What runs as long as the pod is enforced; init containers, which run once, and ephemeral containers, which a
    /// person starts and stops, are ignored.
    #[must_use]
    pub const fn enforce_long_running() -> Self {
        let (enforce, ignore) = (Some(ClassAction::Enforce), Some(ClassAction::Ignore));
        Self { main: enforce, init: ignore, sidecar: enforce, ephemeral: ignore }
    }

    /// What is said here, and for the other classes what `defaults` say.
    pub(crate) fn or(&self, defaults: &Self) -> Self {
        Self {
            main: self.main.or(defaults.main),
            init: self.init.or(defaults.init),
            sidecar: self.sidecar.or(defaults.sidecar),
            ephemeral: self.ephemeral.or(defaults.ephemeral),
        }
    }

    /// How containers of `class` are judged, if it is said here.
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
