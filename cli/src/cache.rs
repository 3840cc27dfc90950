//! The directory of what is kept between runs.

use std::path::PathBuf;

/// The directory, by the conventions of the system: of compiled modules, and of what registries answered.
pub(crate) fn directory() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = if cfg!(windows) { set("LOCALAPPDATA") } else { set("XDG_CACHE_HOME") };
    Some(caches.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))?.join("seaworthy"))
}
