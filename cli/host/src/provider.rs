//! The provider for modules that import WASI, and for those whose host calls are answered.
//!
//! `wasmtime-provider` knows WASI too, but hands a module the standard streams of this process, and sets it up for every
//! instance of every module. This provider offers the same waPC functions beside the WASI of [`crate::wasi`]. It does not
//! count the time of host calls, which depends on registries and not on the module.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wapc::{HOST_NAMESPACE, ModuleState, WebAssemblyEngineProvider, wapc_functions as names};
use wasmtime_provider::wasmtime::{
    self, AsContextMut, Caller, Engine, InstancePre, Linker, Module, Store, StoreLimitsBuilder, Trap, TypedFunc,
};

use crate::engine::ticks;
use crate::state::{INTERRUPTED, MAX_TABLE, OUTSIDE, State, TRAP, memory};
use crate::wasi::{self, Exit};

type Failure = Box<dyn Error + Send + Sync>;

/// A module that is linked with the waPC functions and WASI.
#[derive(Clone)]
pub(crate) struct Linked {
    module: InstancePre<State>,
    memory: usize,
}

impl Linked {
    /// Links a module, under a memory limit in bytes.
    ///
    /// # Errors
    ///
    /// The module imports something else, or with other types.
    pub(crate) fn new(engine: &Engine, module: &Module, memory: usize) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(engine);
        add_wapc(&mut linker)?;
        wasi::add_to_linker(&mut linker, module)?;
        Ok(Self { module: linker.instantiate_pre(module)?, memory })
    }

    /// An instance that is to be started, with a time for the start and for each call.
    pub(crate) fn provider(&self, time: Duration) -> Provider {
        Provider { linked: self.clone(), time, running: None }
    }
}

/// An instance of a linked module.
pub(crate) struct Provider {
    linked: Linked,
    time: Duration,
    running: Option<Running>,
}

/// An instance that was started, and its function that takes every call.
struct Running {
    store: Store<State>,
    call: TypedFunc<(i32, i32), i32>,
}

impl WebAssemblyEngineProvider for Provider {
    fn init(&mut self, host: Arc<ModuleState>) -> Result<(), Failure> {
        let Linked { module, memory } = &self.linked;
        let limits = StoreLimitsBuilder::new().memory_size(*memory).table_elements(MAX_TABLE).build();
        let mut store = Store::new(module.module().engine(), State::new(host, limits));
        store.limiter(|state| &mut state.limits);
        give(&mut store, self.time);
        let instance = module.instantiate(&mut store).map_err(|error| failure(&error))?;
        for name in names::REQUIRED_STARTS {
            if let Some(start) = instance.get_func(&mut store, name) {
                give(&mut store, self.time);
                match start.typed::<(), ()>(&store)?.call(&mut store, ()) {
                    // The `main` of TinyGo ends so.
                    Err(error) if error.downcast_ref() == Some(&Exit(0)) => {}
                    started => started.map_err(|error| failure(&error))?,
                }
            }
        }
        let call = instance.get_typed_func(&mut store, names::GUEST_CALL)?;
        self.running = Some(Running { store, call });
        Ok(())
    }

    fn call(&mut self, operation: i32, payload: i32) -> Result<i32, Failure> {
        let Running { store, call } = self.running.as_mut().ok_or("it was not started")?;
        give(&mut *store, self.time);
        call.call(store, (operation, payload)).map_err(|error| failure(&error))
    }

    fn replace(&mut self, _: &[u8]) -> Result<(), Failure> {
        Err("a running module is never replaced".into())
    }
}

/// Names a failure as `wasmtime-provider` does.
fn failure(error: &wasmtime::Error) -> Failure {
    match error.downcast_ref() {
        Some(Trap::Interrupt) => INTERRUPTED.into(),
        _ => error.to_string().into(),
    }
}

/// Offers the functions of a waPC host: <https://wapc.io/docs/spec/>.
fn add_wapc(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let space = HOST_NAMESPACE;
    linker.func_wrap(
        space,
        names::GUEST_REQUEST_FN,
        |mut caller: Caller<'_, State>, operation: u32, payload: u32| match host(&caller).get_guest_request() {
            Some(request) => write(&mut caller, payload, &request.msg)
                .and_then(|()| write(&mut caller, operation, request.operation.as_bytes())),
            None => Ok(()),
        },
    )?;
    linker.func_wrap(space, names::GUEST_RESPONSE_FN, |mut caller: Caller<'_, State>, address: u32, length: u32| {
        read(&mut caller, address, length).map(|response| host(&caller).set_guest_response(response))
    })?;
    linker.func_wrap(space, names::GUEST_ERROR_FN, |mut caller: Caller<'_, State>, address: u32, length: u32| {
        read_text(&mut caller, address, length).map(|error| host(&caller).set_guest_error(error))
    })?;
    linker.func_wrap(
        space,
        names::HOST_CALL,
        |mut caller: Caller<'_, State>,
         binding: u32,
         binding_length: u32,
         namespace: u32,
         namespace_length: u32,
         operation: u32,
         operation_length: u32,
         payload: u32,
         payload_length: u32| {
            let binding = read_text(&mut caller, binding, binding_length)?;
            let namespace = read_text(&mut caller, namespace, namespace_length)?;
            let operation = read_text(&mut caller, operation, operation_length)?;
            let payload = read(&mut caller, payload, payload_length)?;
            let (left, since) = caller.data().left;
            let left = left.saturating_sub(since.elapsed());
            let answered = host(&caller).do_host_call(&binding, &namespace, &operation, &payload).unwrap_or(0);
            give(&mut caller, left);
            wasmtime::Result::Ok(answered)
        },
    )?;
    linker.func_wrap(space, names::HOST_RESPONSE_LEN_FN, |caller: Caller<'_, State>| {
        u32::try_from(host(&caller).host_response_len()).unwrap_or(u32::MAX)
    })?;
    linker.func_wrap(space, names::HOST_RESPONSE_FN, |mut caller: Caller<'_, State>, address: u32| {
        let response = host(&caller).with_host_response(<[u8]>::to_vec).unwrap_or_default();
        write(&mut caller, address, &response)
    })?;
    linker.func_wrap(space, names::HOST_ERROR_LEN_FN, |caller: Caller<'_, State>| {
        u32::try_from(host(&caller).get_host_error().unwrap_or_default().len()).unwrap_or(u32::MAX)
    })?;
    linker.func_wrap(space, names::HOST_ERROR_FN, |mut caller: Caller<'_, State>, address: u32| {
        let error = host(&caller).get_host_error().unwrap_or_default();
        write(&mut caller, address, error.as_bytes())
    })?;
    linker.func_wrap(space, names::HOST_CONSOLE_LOG, |mut caller: Caller<'_, State>, address: u32, length: u32| {
        read_text(&mut caller, address, length).map(|line| host(&caller).do_console_log(&line))
    })?;
    Ok(())
}

/// Lets the instance run for some time from now on.
fn give(mut store: impl AsContextMut<Data = State>, time: Duration) {
    let mut store = store.as_context_mut();
    store.data_mut().left = (time, Instant::now());
    store.set_epoch_deadline(ticks(time));
}

fn host(caller: &Caller<'_, State>) -> Arc<ModuleState> {
    Arc::clone(&caller.data().host)
}

fn read(caller: &mut Caller<'_, State>, address: u32, length: u32) -> wasmtime::Result<Vec<u8>> {
    let begin = address as usize;
    let range = begin..begin.saturating_add(length as usize);
    memory(caller).and_then(|memory| memory.data(caller).get(range)).map(<[u8]>::to_vec).ok_or_else(outside)
}

fn read_text(caller: &mut Caller<'_, State>, address: u32, length: u32) -> wasmtime::Result<String> {
    Ok(String::from_utf8(read(caller, address, length)?)?)
}

fn write(caller: &mut Caller<'_, State>, address: u32, bytes: &[u8]) -> wasmtime::Result<()> {
    let memory = memory(caller).ok_or_else(outside)?;
    memory.write(caller, address as usize, bytes).map_err(|_| outside())
}

fn outside() -> wasmtime::Error {
    wasmtime::Error::msg(format!("{TRAP}{OUTSIDE}"))
}
