//! The part of WASI (preview 1) that a module finds in a world without files.
//!
//! Modules that are built for `wasm32-wasip1` import it, mostly for a panic message or a hash seed. They get the clock
//! and randomness. There are no arguments, no environment and no descriptors but the standard streams; what is written
//! to them is dropped, because the streams of this process are its own.
//! See <https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md>.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use wasmtime_provider::wasmtime::{self, Caller, Linker, Module, Val};

use crate::state::{State, memory};

/// The namespace of the functions.
pub(crate) const NAMESPACE: &str = "wasi_snapshot_preview1";

/// The prefix of the functions that take a descriptor.
const OF_DESCRIPTORS: [&str; 3] = ["fd_", "path_", "sock_"];

/// Bytes of a `ciovec`: address and length of a buffer.
const BUFFER: usize = 8;

/// Bytes of a `subscription`, and of the `event` that answers it.
const SUBSCRIPTION: usize = 48;
const EVENT: usize = 32;

/// The `eventtype` of a clock.
const CLOCK: u8 = 0;

/// The error number of a function, as defined by WASI; 0 is success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errno {
    /// There is no such descriptor.
    Badf = 8,
    /// An address is outside the memory.
    Fault = 21,
    /// There is no such clock, or lengths add up to more than fits.
    Inval = 28,
    /// The system gave no randomness.
    Io = 29,
}

/// A module ended itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it exited with code {0}")]
pub(crate) struct Exit(pub(crate) i32);

/// Offers the functions to a module that imports some of them.
///
/// # Errors
///
/// A function is there already.
pub(crate) fn add_to_linker(linker: &mut Linker<State>, module: &Module) -> wasmtime::Result<()> {
    for name in ["args_get", "environ_get"] {
        linker.func_wrap(NAMESPACE, name, |_: u32, _: u32| 0)?;
    }
    for name in ["args_sizes_get", "environ_sizes_get"] {
        linker.func_wrap(NAMESPACE, name, |mut caller: Caller<'_, State>, count: u32, size: u32| {
            code(
                set(&mut caller, count, 0_u32.to_le_bytes()).and_then(|()| set(&mut caller, size, 0_u32.to_le_bytes())),
            )
        })?;
    }
    linker.func_wrap(NAMESPACE, "clock_res_get", |mut caller: Caller<'_, State>, clock: u32, resolution: u32| {
        code(time(&caller, clock).and_then(|_| set(&mut caller, resolution, 1_u64.to_le_bytes())))
    })?;
    linker.func_wrap(NAMESPACE, "clock_time_get", |mut caller: Caller<'_, State>, clock: u32, _: u64, now: u32| {
        code(time(&caller, clock).and_then(|nanoseconds| set(&mut caller, now, nanoseconds.to_le_bytes())))
    })?;
    linker.func_wrap(NAMESPACE, "random_get", |mut caller: Caller<'_, State>, buffer: u32, length: u32| {
        code(at(&mut caller, buffer, length as usize).and_then(|bytes| getrandom::fill(bytes).map_err(|_| Errno::Io)))
    })?;
    linker.func_wrap(NAMESPACE, "fd_write", |mut caller: Caller<'_, State>, fd: u32, buffers, count, written| {
        code(
            drop_output(&mut caller, fd, buffers, count).and_then(|size| set(&mut caller, written, size.to_le_bytes())),
        )
    })?;
    linker.func_wrap(NAMESPACE, "poll_oneoff", |mut caller: Caller<'_, State>, wanted, events, count, happened| {
        code(poll(&mut caller, wanted, events, count).and_then(|()| set(&mut caller, happened, count.to_le_bytes())))
    })?;
    linker.func_wrap(NAMESPACE, "sched_yield", || 0)?;
    linker.func_wrap(NAMESPACE, "proc_exit", |code: i32| -> wasmtime::Result<()> { Err(Exit(code).into()) })?;
    // Every other descriptor is a bad one. By name, because a module may import a function twice.
    let others: BTreeMap<_, _> = module
        .imports()
        .filter(|import| import.module() == NAMESPACE && import.name() != "fd_write")
        .filter(|import| OF_DESCRIPTORS.iter().any(|begin| import.name().starts_with(begin)))
        .filter_map(|import| Some((import.name(), import.ty().func()?.clone())))
        .filter(|(_, ty)| ty.results().len() == 1 && ty.results().all(|result| result.is_i32()))
        .collect();
    for (name, ty) in others {
        linker.func_new(NAMESPACE, name, ty, |_, _, results| {
            results.fill(Val::I32(Errno::Badf as i32));
            Ok(())
        })?;
    }
    Ok(())
}

/// The nanoseconds that a clock shows.
fn time(caller: &Caller<'_, State>, clock: u32) -> Result<u64, Errno> {
    let time = match clock {
        0 => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO),
        1 => caller.data().began.elapsed(),
        _ => return Err(Errno::Inval),
    };
    u64::try_from(time.as_nanos()).map_err(|_| Errno::Inval)
}

/// Takes output, and returns how many bytes there were.
fn drop_output(caller: &mut Caller<'_, State>, fd: u32, buffers: u32, count: u32) -> Result<u32, Errno> {
    if !matches!(fd, 1 | 2) {
        return Err(Errno::Badf);
    }
    let buffers = at(caller, buffers, (count as usize).saturating_mul(BUFFER))?;
    buffers
        .chunks_exact(BUFFER)
        .filter_map(|buffer| buffer.last_chunk().copied().map(u32::from_le_bytes))
        .try_fold(0, u32::checked_add)
        .ok_or(Errno::Inval)
}

/// Answers every subscription at once: waiting in the host would outlast the deadline.
fn poll(caller: &mut Caller<'_, State>, wanted: u32, events: u32, count: u32) -> Result<(), Errno> {
    let count = count as usize;
    let wanted = at(caller, wanted, count.saturating_mul(SUBSCRIPTION))?.to_vec();
    let events = at(caller, events, count.saturating_mul(EVENT))?;
    for (subscription, event) in wanted.chunks_exact(SUBSCRIPTION).zip(events.chunks_exact_mut(EVENT)) {
        let Some((userdata, [kind, ..])) = subscription.split_at_checked(8) else { return Err(Errno::Inval) };
        let error = if *kind == CLOCK { 0 } else { Errno::Badf as u16 };
        let answer = userdata.iter().copied().chain(error.to_le_bytes()).chain([*kind]);
        for (byte, answer) in event.iter_mut().zip(answer.chain(std::iter::repeat(0))) {
            *byte = answer;
        }
    }
    Ok(())
}

/// Writes a number into the memory of a module.
fn set<const N: usize>(caller: &mut Caller<'_, State>, address: u32, bytes: [u8; N]) -> Result<(), Errno> {
    at(caller, address, N).map(|place| place.copy_from_slice(&bytes))
}

/// A part of the memory of a module.
fn at<'c>(caller: &'c mut Caller<'_, State>, address: u32, length: usize) -> Result<&'c mut [u8], Errno> {
    let begin = address as usize;
    let range = begin..begin.saturating_add(length);
    memory(caller).and_then(|memory| memory.data_mut(caller).get_mut(range)).ok_or(Errno::Fault)
}

/// The result of a function.
fn code(result: Result<(), Errno>) -> i32 {
    result.map_or_else(|errno| errno as i32, |()| 0)
}
