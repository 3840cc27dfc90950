//! The macro that declares settings.

/// Declares settings: a struct whose fields have a default and a name, or a choice among names.
///
/// A struct checks itself while it is read, where its path is known: `unless empty("…")` after the name of a list refuses
/// an empty one, `required("…")` a struct in which it is empty or missing, and `unless(a, b)` after the struct names
/// functions that return a fault of the whole struct. A choice may end in `or` and a variant that holds whatever follows
/// a prefix; `as` is the word for its names in faults.
///
/// ```
/// use shared::prelude::*;
///
/// settings! {
///     /// Settings of a policy.
///     pub struct Settings {
///         /// The user IDs that are refused.
///         denied_users: Vec<i64> = vec![0] => "deniedUsers",
///         /// The meaning of a missing user.
///         missing: Missing = Missing::Deny => "missing",
///     }
/// }
///
/// settings! {
///     /// The meaning of a missing value.
///     pub enum Missing {
///         /// It is refused.
///         Deny => "deny",
///         /// It is accepted.
///         Allow => "allow",
///     }
/// }
///
/// settings! {
///     /// The ports from `min` to `max`.
///     pub struct Ports {
///         /// The smallest.
///         min: i64 = 1 => "min",
///         /// The largest.
///         max: i64 = 65535 => "max",
///         /// Their protocols.
///         protocols: Vec<Protocol> = vec![Protocol::Tcp] => "protocols" unless empty("no port would be accepted"),
///     }
///     unless(are_reversed)
/// }
///
/// fn are_reversed(Ports { min, max, .. }: &Ports) -> Option<String> {
///     (min > max).then(|| format!("{min} to {max} is not a valid range of ports"))
/// }
///
/// settings! {
///     /// A protocol.
///     pub enum Protocol as "protocol" {
///         /// TCP.
///         Tcp => "tcp",
///         or
///         /// Another, by its number.
///         Other(String) => "ip:" + "<number>",
///     }
/// }
/// ```
#[macro_export]
macro_rules! settings {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $about:literal])+
                $field:ident: $type:ty = $default:expr => $key:literal
                    $(unless empty($empty:literal))? $(required($required:literal))?,
            )*
        }
        $(unless($($check:path),+))?
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
                        $( let Some(given) = given.unless_empty($empty) else { return }; )?
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
                $($( given.require($key, $required); )?)*
                given.read_fields()$($(.inspect(|settings| given.note($check(settings))))+)?
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
    (
        $(#[$attribute:meta])*
        pub enum $name:ident as $what:literal {
            $( $(#[doc = $about:literal])+ $variant:ident => $key:literal, )+
            or
            $(#[doc = $rest_about:literal])+
            $rest:ident(String) => $prefix:literal + $placeholder:literal,
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[doc = $about])+ $variant, )+
            $(#[doc = $rest_about])+
            $rest(String),
        }

        impl $crate::settings::Setting for $name {
            fn read(given: $crate::settings::Given<'_>) -> Option<Self> {
                if let Some(rest) = given.text()?.strip_prefix($prefix) {
                    return Some(Self::$rest(rest.to_owned()));
                }
                let names = [$($key,)+ concat!($prefix, $placeholder)];
                [$(Self::$variant),+].into_iter().nth(given.choice_of($what, &names)?)
            }

            $crate::described! {
                fn kind() -> $crate::settings::Kind {
                    $crate::settings::Kind::Text
                }

                fn tree(&self) -> $crate::settings::Tree {
                    match self {
                        $(Self::$variant => $key.into(),)+
                        Self::$rest(rest) => format!(concat!($prefix, "{}"), rest).into(),
                    }
                }
            }
        }
    };
}
