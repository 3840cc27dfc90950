//! The one engine of the process, and the clock of its deadlines.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use wasmtime_provider::wasmtime::{Config, Engine};

use crate::cache;
use crate::error::HostError;

/// The interval at which the epoch of the engine advances; deadlines are multiples of it.
const TICK: Duration = Duration::from_millis(10);

/// The engine that every module is compiled for.
///
/// # Errors
///
/// [`HostError::Engine`] when this machine cannot run one.
pub(crate) fn engine() -> Result<&'static Engine, HostError> {
    static ENGINE: OnceLock<Result<Engine, String>> = OnceLock::new();
    ENGINE.get_or_init(start).as_ref().map_err(|reason| HostError::Engine(reason.clone()))
}

/// The epoch ticks after which at least `time` has passed.
///
/// One tick is added, because the current one has begun already.
pub(crate) fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_millis().div_ceil(TICK.as_millis())).map_or(u64::MAX, |ticks| ticks.saturating_add(1))
}

/// Makes the engine and starts the thread that advances its epoch for as long as the process lives.
fn start() -> Result<Engine, String> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    // Our modules have no names, so a trace is useless; without it the first line of a trap is its reason.
    config.wasm_backtrace_max_frames(None);
    config.cache(cache::configured());
    let engine = Engine::new(&config).map_err(|error| error.to_string())?;
    let ticking = engine.clone();
    thread::Builder::new()
        .name("epoch".to_owned())
        .spawn(move || {
            loop {
                thread::sleep(TICK);
                ticking.increment_epoch();
            }
        })
        .map_err(|error| error.to_string())?;
    Ok(engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_never_cut_short() {
        assert_eq!(ticks(Duration::ZERO), 1);
        assert_eq!(ticks(Duration::from_millis(1)), 2);
        assert_eq!(ticks(Duration::from_secs(2)), 201);
        assert_eq!(ticks(Duration::MAX), u64::MAX);
    }
}
