//! Descriptions that are left out of modules.

/// Items that describe a policy, for what is published of it. Nothing of them is in a module. This macro exists twice, so
/// that the crates of policies need no feature of their own.
#[cfg(feature = "describe")]
#[doc(hidden)]
#[macro_export]
macro_rules! described {
    ($($item:tt)*) => { $($item)* };
}

/// Items that describe a policy, which a module leaves out.
#[cfg(not(feature = "describe"))]
#[doc(hidden)]
#[macro_export]
macro_rules! described {
    ($($item:tt)*) => {};
}
