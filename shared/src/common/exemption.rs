//! Exempt images, namespaces and users, each with a reason.

use crate::findings::Finding;
use crate::glob::{Glob, ImagePattern};
use crate::image::Repository;
use crate::place::Owner;
use crate::pod::Pod;
use crate::request::Request;
use crate::settings;
use crate::settings::{Faults, MAX_ENTRIES, holds, unknown};
use json::Node;

settings! {
    /// An exemption. The keys that are given must all match; of the values of a key, one is enough.
    pub struct Exemption {
        /// Names of containers. Anyone can choose them, so they are not enough alone.
        containers: Vec<Glob> = Vec::new() => "containers",
        /// Repositories, normalised: `docker.io/library/nginx`, `registry.example/team/**`.
        images: Vec<ImagePattern> = Vec::new() => "images",
        /// Namespaces of the object.
        namespaces: Vec<Glob> = Vec::new() => "namespaces",
        /// Service accounts that make the request, as `namespace/name`.
        service_accounts: Vec<Glob> = Vec::new() => "serviceAccounts",
        /// Users who make the request.
        users: Vec<Glob> = Vec::new() => "users",
        /// Groups of the user who makes the request.
        groups: Vec<Glob> = Vec::new() => "groups",
        /// Rules to which the exemption is limited.
        rules: Vec<String> = Vec::new() => "rules",
        /// Why. It is repeated in the audit annotation whenever the exemption is used.
        reason: String = String::new() => "reason" required("an exemption needs a reason; say why in `reason`"),
    }
}

/// The keys of which one must be given: nobody who only writes a manifest chooses their values freely.
const SUBJECTS: [&str; 5] = ["images", "namespaces", "serviceAccounts", "users", "groups"];

/// The prefix of the user of a service account: the API server puts `namespace:name` after it.
pub(super) const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

impl Exemption {
    /// Adds the faults of the exemptions in settings that no single key shows. They are looked for in the settings as they
    /// are given, so that a key that is not valid hides none.
    pub(crate) fn validate(settings: &Node<'_>, rules: &[&str], faults: &mut Faults) {
        for (index, exemption) in items(settings, "exemptions") {
            let path = format!("exemptions[{index}]");
            if matches!(exemption, Node::Object(_)) && !SUBJECTS.iter().any(|key| holds(exemption, key)) {
                faults.add(
                    &path,
                    "an exemption needs images, namespaces, serviceAccounts, users or groups; names of containers are \
                     free to choose, and a rule is turned off under `rules`",
                );
            }
            for (index, account) in items(exemption, "serviceAccounts") {
                let fault = match account.as_str() {
                    Some(account) if !account.contains('/') => "a service account is written namespace/name",
                    Some(account) if account.bytes().all(|byte| matches!(byte, b'*' | b'/')) => {
                        "pattern is only wildcards, which match every service account"
                    }
                    _ => continue,
                };
                faults.add(&format!("{path}.serviceAccounts[{index}]"), fault);
            }
            for (index, rule) in items(exemption, "rules") {
                if let Some(rule) = rule.as_str().filter(|rule| !rules.contains(rule)) {
                    faults.add(&format!("{path}.rules[{index}]"), &unknown("rule", rule, &[rules]));
                }
            }
        }
    }

    /// Returns `true` if the exemption is for requests like this one, whatever the pod.
    pub(crate) fn concerns(&self, request: &Request<'_>) -> bool {
        let account = request.user.strip_prefix(SERVICE_ACCOUNT).map(|account| account.replacen(':', "/", 1));
        any(&self.namespaces, request.namespace)
            && any(&self.users, request.user)
            && (self.service_accounts.is_empty()
                || account.is_some_and(|account| any(&self.service_accounts, &account)))
            && (self.groups.is_empty() || request.groups.iter().any(|group| any(&self.groups, group)))
    }

    /// Returns `true` if it covers this finding. A finding of the pod itself is covered when each of its containers is.
    pub(crate) fn covers(&self, finding: &Finding, pod: Option<&Pod<'_>>) -> bool {
        let by_rule = self.rules.is_empty() || self.rules.iter().any(|rule| rule == finding.rule.id);
        by_rule
            && match &finding.at.owner {
                Owner::Pod | Owner::Object(..) => match pod {
                    Some(pod) => pod
                        .containers()
                        .iter()
                        .all(|container| self.names(container.name(), container.image().ok().flatten())),
                    None => self.names(None, None),
                },
                Owner::Container(_, name) => self.names(name.as_deref(), finding.at.image.as_deref()),
                // The name of a volume is not the name of a container.
                Owner::Volume(_) => self.names(None, finding.at.image.as_deref()),
            }
    }

    /// Whether it is for a container of this name with this image.
    pub(crate) fn names(&self, name: Option<&str>, image: Option<&str>) -> bool {
        (self.containers.is_empty() || name.is_some_and(|name| any(&self.containers, name)))
            && (self.images.is_empty() || image.is_some_and(|image| self.has_image(image)))
    }

    fn has_image(&self, image: &str) -> bool {
        self.images.iter().any(|pattern| pattern.matches(Repository::of(image)))
    }
}

/// The items of a list in settings; none where there is no list, or one that is too long.
fn items<'n, 'a>(settings: &'n Node<'a>, field: &str) -> &'n [(u32, Node<'a>)] {
    match settings.get(field) {
        Some(Node::List(items)) if items.len() <= MAX_ENTRIES => items,
        _ => &[],
    }
}

/// Returns `true` if one of `globs` matches, or none is given.
fn any(globs: &[Glob], text: &str) -> bool {
    globs.is_empty() || globs.iter().any(|glob| glob.matches(text))
}
