//! Containers that run as a denied user. Reasons and settings: README.

use shared::prelude::*;

policy! {
    /// No container may run as a denied user.
    pub struct NewPolicy: Facts {
        title: "New policy",
        ..Facts::DEFAULT
    }
    reads: [run_as_user],
    rules: {
        /// The user of a container is denied.
        DENIED_USER = "denied-user": Deny,
    }
}

settings! {
    /// Settings of `new-policy`.
    pub struct Settings {
        /// User IDs that are denied.
        denied_users: Vec<i64> = vec![7, 8] => "deniedUsers",
    }
}

impl Policy for NewPolicy {
    type Settings = Settings;

    fn check_container(check: &Check<'_, Settings>, container: &Container<'_>, findings: &mut Findings) -> Checked {
        let user = container.run_as_user()?.or(check.pod.run_as_user()?);
        let denied = user.value.filter(|user| check.settings.denied_users.contains(user));
        let problem = |user| format!("it runs as user {user}, which the settings deny");
        findings.add(&user, denied.map(|user| DENIED_USER.found(problem(user), "use another user")));
        Ok(())
    }
}
