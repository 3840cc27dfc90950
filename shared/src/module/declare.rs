//! The macros that declare a policy, and a module of several.

/// Declares a policy: its type, the facts about it and its rules.
///
/// ```
/// use shared::prelude::*;
///
/// policy! {
///     /// No container may be called `bob`.
///     pub struct NoBob {
///         title: "No Bob",
///         severity: Low,
///         category: Processes,
///         guide: SingleApp,
///         containers: ClassActions::enforce_all_but_ephemeral(ClassAction::Warn),
///         rules: {
///             /// A container is called `bob`.
///             CALLED_BOB = "called-bob": Deny,
///         },
///     }
/// }
///
/// impl Policy for NoBob {
///     type Settings = NoSettings;
///
///     fn check_container(
///         _: &Check<'_, NoSettings>,
///         container: &Container<'_>,
///         findings: &mut Findings,
///     ) -> Result<(), Malformed> {
///         if container.name() == Some("bob") {
///             findings.add(&CALLED_BOB, container.at("name"), "bob", "it is called bob", "choose another name");
///         }
///         Ok(())
///     }
/// }
/// ```
#[macro_export]
macro_rules! policy {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            title: $title:literal,
            severity: $severity:ident,
            category: $category:ident,
            guide: $guide:ident,
            containers: $containers:expr,
            rules: { $( $(#[doc = $about:literal])+ $rule:ident = $id:literal: $default:ident, )+ },
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        $(
            $(#[doc = $about])+
            const $rule: $crate::findings::Rule = $crate::findings::Rule {
                id: $id,
                default: $crate::findings::RuleAction::$default,
            };
        )+

        $crate::module! {
            $name {
                title: $title,
                severity: $severity,
                category: $category,
                guide: $guide,
                containers: $containers,
                rules: [$(&$rule => concat!($($about),+).trim_ascii()),+],
            }
        }
    };
}

/// What [`policy!`] and [`combined!`](crate::combined!) share: the facts about a type, the entry of its module, and the
/// tests.
#[doc(hidden)]
#[macro_export]
macro_rules! module {
    (
        $name:ident {
            title: $title:literal,
            severity: $severity:ident,
            category: $category:ident,
            guide: $guide:ident,
            containers: $containers:expr,
            rules: [$( $rule:expr => $about:expr ),*],
        }
    ) => {
        impl $crate::policy::Described for $name {
            const NAME: &'static str = env!("CARGO_PKG_NAME");
            const CONTAINERS: $crate::common::ClassActions = $containers;
            const RULES: &'static [&'static $crate::findings::Rule] = &[$($rule),*];
            const METADATA: $crate::facts::Metadata = $crate::facts::Metadata {
                version: env!("CARGO_PKG_VERSION"),
                description: env!("CARGO_PKG_DESCRIPTION"),
                license: env!("CARGO_PKG_LICENSE"),
                authors: env!("CARGO_PKG_AUTHORS"),
                repository: env!("CARGO_PKG_REPOSITORY"),
                title: $title,
                severity: $crate::facts::Severity::$severity,
                category: $crate::facts::Category::$category,
                guide: $crate::facts::Guide::$guide,
                rules: &[$($about),*],
            };
        }

        /// Called by the host once, before anything else.
        #[cfg(all(module, target_family = "wasm"))]
        #[allow(unsafe_code, reason = "waPC hosts look for an export of this name")]
        #[unsafe(no_mangle)]
        pub extern "C" fn wapc_init() {
            $crate::wapc::register::<$name>();
        }

        /// Replays the cases. Policies have the crate `testing` for their tests.
        #[cfg(test)]
        fn main() -> std::process::ExitCode {
            ::testing::main::<$name>(env!("CARGO_MANIFEST_DIR"))
        }
    };
}

/// Declares a module of several policies.
///
/// ```ignore
/// combined! {
///     /// Every policy in one module.
///     pub struct Seaworthy {
///         title: "All practices",
///         severity: High,
///         category: Security,
///         guide: Building,
///         members: POLICIES,
///     }
/// }
/// ```
#[macro_export]
macro_rules! combined {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            title: $title:literal,
            severity: $severity:ident,
            category: $category:ident,
            guide: $guide:ident,
            members: $members:expr,
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::module::Module for $name {
            fn configure(
                text: Option<&str>,
            ) -> Result<Vec<Box<dyn $crate::policy::Judge>>, $crate::settings::Faults> {
                $crate::module::configure($members, text)
            }

            $crate::described! {
                fn own_settings() -> Vec<$crate::settings::Field> {
                    $crate::module::describe($members)
                }

                fn members() -> &'static [$crate::module::Member] {
                    $members
                }
            }
        }

        $crate::module! {
            $name {
                title: $title,
                severity: $severity,
                category: $category,
                guide: $guide,
                containers: $crate::module::AS_EACH_POLICY,
                rules: [],
            }
        }
    };
}
