//! The settings of `build-cache`.

use shared::prelude::*;

settings! {
    /// Settings of `build-cache`.
    pub struct Settings {
        /// The steps that are judged.
        scope: Scope = Scope::Own => "scope",
        /// The platforms of an image that are judged, where it has several. A list has at most three, such as `linux/arm64`.
        platforms: Platforms = Platforms::Auto => "platforms",
    }
}

settings! {
    /// The steps that are judged.
    pub enum Scope {
        /// Those after its base, as far as the history shows where that ends.
        Own => "own",
        /// Those of its base too.
        All => "all",
    }
}
