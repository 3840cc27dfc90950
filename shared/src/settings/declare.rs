//! The macro that declares settings.

/// Declares settings: a struct whose fields have a default and a name, or a choice among names.
///
/// ```
/// use shared::prelude::*;
///
/// settings! {
///     /// Settings of a policy.
///     pub struct Settings {
///         /// The user IDs that are refused.
///         denied_users: Vec<i64> = vec![0] => "deniedUsers",
///         /// What a missing user means.
///         missing: Missing = Missing::Deny => "missing",
///     }
/// }
///
/// settings! {
///     /// What a missing value means.
///     pub enum Missing {
///         /// It is refused.
///         Deny => "deny",
///         /// It is accepted.
///         Allow => "allow",
///     }
/// }
/// ```
#[macro_export]
macro_rules! settings {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $( $(#[doc = $about:literal])+ $field:ident: $type:ty = $default:expr => $key:literal, )*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        pub struct $name { $( $(#[doc = $about])+ pub $field: $type, )* }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $crate::settings::Fields for $name {
            const NAMES: &'static [&'static str] = &[$($key),*];

            fn set(&mut self, name: &str, given: $crate::settings::Given<'_>) {
                let _ = given;
                match name {
                    $($key => {
                        if let Some(value) = $crate::settings::Setting::read(given) {
                            self.$field = value;
                        }
                    })*
                    _ => {}
                }
            }

            $crate::described! {
                fn fields() -> Vec<$crate::settings::Field> {
                    let Self { $($field),* } = Self::default();
                    vec![$($crate::settings::Field {
                        name: $key,
                        about: concat!($($about),+).trim_ascii(),
                        kind: <$type as $crate::settings::Setting>::kind(),
                        default: $crate::settings::Setting::tree(&$field),
                    }),*]
                }
            }
        }

        impl $crate::settings::Setting for $name {
            fn read(given: $crate::settings::Given<'_>) -> Option<Self> {
                given.read_fields()
            }

            $crate::described! {
                fn kind() -> $crate::settings::Kind {
                    $crate::settings::Kind::Object(<Self as $crate::settings::Fields>::fields())
                }

                fn tree(&self) -> $crate::settings::Tree {
                    $crate::settings::Tree::object::<&str>([
                        $(($key, $crate::settings::Setting::tree(&self.$field))),*
                    ])
                }
            }
        }
    };
    (
        $(#[$attribute:meta])*
        pub enum $name:ident { $( $(#[doc = $about:literal])+ $variant:ident => $key:literal, )+ }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $about])+ $variant, )+ }

        impl $crate::settings::Keyed for $name {
            fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }

        impl $crate::settings::Setting for $name {
            fn read(given: $crate::settings::Given<'_>) -> Option<Self> {
                [$(Self::$variant),+].get(given.choice(&[$($key),+])?).copied()
            }

            $crate::described! {
                fn kind() -> $crate::settings::Kind {
                    $crate::settings::Kind::Choice(vec![
                        $($crate::settings::Choice { name: $key, about: concat!($($about),+).trim_ascii() }),+
                    ])
                }

                fn tree(&self) -> $crate::settings::Tree {
                    $crate::settings::Tree::from($crate::settings::Keyed::key(*self))
                }
            }
        }
    };
}
