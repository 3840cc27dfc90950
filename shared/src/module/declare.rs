//! The macros that declare a policy, and a module of several.

/// Declares a policy: its type, the facts about it, the fields of a pod that it reads, and its rules.
///
/// A rule has an id and what it does by default: `Deny`, `Warn` or `Off`. After that, in this order, may stand what it does
/// by default for some classes of containers, and which rules of other policies it covers:
/// `X = "x": Deny [Init: Off] covers ["other/y"]`.
///
/// `inspects: Manifests` or `inspects: Configurations`, before `reads`, is for a policy that judges images as their
/// registries have them, and `asks: Reports` for one that judges them by the reports of scanners. They have the rules about
/// images that cannot be judged in addition to their own.
///
/// ```
/// use shared::prelude::*;
///
/// policy! {
///     /// No container may run as user 7.
///     pub struct NoSeven: Facts {
///         title: "No seven",
///         category: Category::SECURITY,
///         guide: Guide::operating("Avoid running as root", "avoid_running_as_root"),
///         ..Facts::DEFAULT
///     }
///     reads: [run_as_user],
///     rules: {
///         /// A container runs as user 7.
///         SEVEN = "seven": Deny,
///     }
/// }
///
/// impl Policy for NoSeven {
///     type Settings = NoSettings;
///
///     fn check_container(check: &Check<'_, NoSettings>, container: &Container<'_>, findings: &mut Findings) -> Checked {
///         let user = container.run_as_user()?.or(check.pod.run_as_user()?);
///         findings.add(&user, (user.value == Some(7)).then(|| SEVEN.found("it runs as user 7", "use another user")));
///         Ok(())
///     }
/// }
/// ```
#[macro_export]
macro_rules! policy {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident: Facts { $($facts:tt)* }
        $(inspects: $inspects:ident,)?
        $(asks: $asks:ident,)?
        reads: [ $($field:ident),* $(,)? ],
        rules: { $(
            $(#[doc = $about:literal])+
            $rule:ident = $id:literal: $default:ident
                $([ $($class:ident: $action:ident),+ ])?
                $(covers [ $($covered:literal),+ ])?,
        )+ }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        $(
            $(#[doc = $about])+
            const $rule: $crate::findings::Rule = $crate::findings::Rule::new(
                $id,
                $crate::findings::RuleAction::$default,
                concat!($($about),+).trim_ascii(),
            )
            $(.with_classes(&[$(($crate::place::Class::$class, $crate::findings::RuleAction::$action)),+]))?
            $(.covering(&[$($covered),+]))?;
        )+

        $crate::module! {
            $name {
                facts: Facts {
                    $(capabilities: $crate::inspection::Inspects::$inspects.capabilities(),)?
                    $(capabilities: $crate::inspection::Inspects::$asks.capabilities(),)?
                    $($facts)*
                },
                inspects: $crate::inspection::Inspects::Nothing
                    $(.or($crate::inspection::Inspects::$inspects))?
                    $(.or($crate::inspection::Inspects::$asks))?,
                reads: $crate::pod::Reads::BASE
                    $(.and($crate::inspection::Inspects::$inspects.reads()))?
                    $(.and($crate::inspection::Inspects::$asks.reads()))?
                    $(.and($crate::pod::reads::$field()))*,
                rules: [$(&$rule,)+ $(
                    &$crate::policy!(@inspects $inspects NO_ANSWER),
                    &$crate::policy!(@inspects $inspects NOT_GRANTED),
                    &$crate::policy!(@inspects $inspects NOT_INSPECTED),
                    &$crate::policy!(@inspects $inspects NO_PLATFORM),
                )? $(
                    &$crate::policy!(@inspects $asks NO_ANSWER),
                    &$crate::policy!(@inspects $asks NOT_GRANTED),
                    &$crate::policy!(@inspects $asks NOT_INSPECTED),
                )?],
            }
        }
    };
    // A rule of every policy that inspects images.
    (@inspects $inspects:ident $rule:ident) => { $crate::inspection::$rule };
}

/// The common part of [`policy!`] and [`combined!`](crate::combined!): the facts about a type, the entry of its module,
/// and the tests.
#[doc(hidden)]
#[macro_export]
macro_rules! module {
    (
        $name:ident {
            facts: $facts:expr,
            inspects: $inspects:expr,
            reads: $reads:expr,
            rules: [$( $rule:expr ),* $(,)?],
        }
    ) => {
        impl $crate::policy::Described for $name {
            const NAME: &'static str = env!("CARGO_PKG_NAME");
            const FACTS: $crate::facts::Facts = $facts;
            const PACKAGE: $crate::facts::Package = $crate::facts::Package {
                version: env!("CARGO_PKG_VERSION"),
                description: env!("CARGO_PKG_DESCRIPTION"),
                license: env!("CARGO_PKG_LICENSE"),
                authors: env!("CARGO_PKG_AUTHORS"),
                repository: env!("CARGO_PKG_REPOSITORY"),
            };
            const RULES: &'static [&'static $crate::findings::Rule] = &[$($rule),*];
            const MODEL: &'static $crate::pod::Model = $crate::model!($reads);
            const INSPECTS: $crate::inspection::Inspects = $inspects;
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
///     pub struct Seaworthy: Facts {
///         title: "All practices",
///         severity: Severity::High,
///         ..Facts::DEFAULT
///     }
///     members: POLICIES,
/// }
/// ```
#[macro_export]
macro_rules! combined {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident: Facts { $($facts:tt)* }
        members: $members:expr,
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::module::Module for $name {
            const SEVERAL: Option<&'static $crate::verdict::Several> = Some(&$crate::verdict::SEVERAL);

            fn configure(
                text: Option<&str>,
                checks: $crate::policy::Checks,
            ) -> Result<Vec<Box<dyn $crate::policy::Judge>>, $crate::settings::Faults> {
                $crate::module::configure($members, text, checks)
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
                facts: Facts {
                    containers: $crate::module::AS_EACH_POLICY,
                    capabilities: $crate::module::inspects($members).capabilities(),
                    $($facts)*
                },
                inspects: $crate::module::inspects($members),
                reads: $crate::module::reads($members),
                rules: [],
            }
        }
    };
}
