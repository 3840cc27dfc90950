/**
 * A host for Kubewarden's waPC modules: it runs the same bytes as a policy server.
 *
 * Sources: waPC, "Protocol specification"; Kubewarden, "Policy communication: specification"; WASI preview 1.
 */

import type { Callable } from "./protocol.js";

/** What a module needs from its host. */
export interface Options {
  /**
   * Answers a host call, such as `kubewarden`, `oci`, `v1/oci_manifest`. Without it, and when it throws, the module gets an error.
   */
  hostCall?: (binding: string, namespace: string, operation: string, payload: Uint8Array) => Uint8Array;
  /** Receives what the module logs. */
  log?: (text: string) => void;
}

/** What a file is, as far as its exports and imports show. */
export type Kind = "wapc" | "rego" | "wasi" | "unknown";

/** The namespace of WASI preview 1, which modules for `wasm32-wasip1` import. */
const WASI = "wasi_snapshot_preview1";

/** The error number of a WASI function that a host does not have. */
const ENOSYS = 52;

/** The part of a Kubewarden module that describes it. */
const METADATA = "io.kubewarden.metadata";

type Exports = Record<string, WebAssembly.ExportValue | undefined>;
type Function = (...values: number[]) => number;

/** The way in which a policy has to be run. Only waPC modules can be loaded by {@link Wapc}. */
export function kind(module: WebAssembly.Module): Kind {
  const exports = new Set(WebAssembly.Module.exports(module).map((one) => one.name));
  if (exports.has("__guest_call")) return "wapc";
  if (exports.has("opa_eval_ctx_new") || exports.has("opa_eval")) return "rego";
  return exports.has("_start") ? "wasi" : "unknown";
}

/** The metadata that `kwctl annotate` wrote into a module; `undefined` when there is none. */
export function metadata(module: WebAssembly.Module): unknown {
  const [section] = WebAssembly.Module.customSections(module, METADATA);
  return section === undefined ? undefined : JSON.parse(new TextDecoder().decode(section));
}

/** The digest of a module as a registry shows it, `sha256:…`. */
export async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return "sha256:" + Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A waPC module. Every call runs in a fresh instance, so that no call can influence another. */
export class Wapc implements Callable {
  readonly #module: WebAssembly.Module;
  readonly #options: Options;

  /**
   * @throws It is not a waPC module, or imports what this host does not have.
   */
  constructor(module: WebAssembly.Module, options: Options = {}) {
    const found = kind(module);
    if (found !== "wapc") {
      throw new Error(`not a waPC module: ${EXPLANATIONS[found]}`);
    }
    const foreign = WebAssembly.Module.imports(module).find((one) => one.module !== "wapc" && one.module !== WASI);
    if (foreign !== undefined) {
      throw new Error(`the module imports ${foreign.module}.${foreign.name}, which this host does not have`);
    }
    this.#module = module;
    this.#options = options;
  }

  /** Compiles a module. */
  static async load(bytes: Uint8Array<ArrayBuffer>, options: Options = {}): Promise<Wapc> {
    return new Wapc(await WebAssembly.compile(bytes), options);
  }

  /**
   * Answers an operation.
   *
   * @throws The module gave an error, or trapped.
   */
  call(operation: string, payload: Uint8Array): Uint8Array {
    return new Call(this.#module, this.#options, operation, payload).run();
  }
}

const EXPLANATIONS = {
  rego: "it is a Rego policy, which needs the host of Open Policy Agent",
  wasi: "it is a WASI program, which reads its request from standard input",
  unknown: "it exports no function __guest_call",
} as const;

/** One call in one instance. */
class Call {
  readonly #exports: Exports;
  readonly #operation: Uint8Array;
  readonly #payload: Uint8Array;
  readonly #options: Options;
  #response: Uint8Array | undefined;
  #error: string | undefined;
  #hostResponse: Uint8Array = new Uint8Array();
  #hostError: Uint8Array = new Uint8Array();

  constructor(module: WebAssembly.Module, options: Options, operation: string, payload: Uint8Array) {
    this.#options = options;
    this.#operation = new TextEncoder().encode(operation);
    this.#payload = payload;
    const wasi: Record<string, Function> = {};
    for (const one of WebAssembly.Module.imports(module)) {
      if (one.module === WASI) wasi[one.name] = this.#wasi(one.name);
    }
    this.#exports = new WebAssembly.Instance(module, { wapc: this.#functions(), [WASI]: wasi }).exports as Exports;
  }

  run(): Uint8Array {
    for (const start of ["_initialize", "_start", "wapc_init"]) {
      (this.#exports[start] as Function | undefined)?.();
    }
    const called = (this.#exports["__guest_call"] as Function)(this.#operation.length, this.#payload.length);
    if (called !== 1) throw new Error(this.#error ?? "the module gave no answer");
    return this.#response ?? new Uint8Array();
  }

  /** The memory, anew each time: it grows. */
  #memory(): Uint8Array {
    return new Uint8Array((this.#exports["memory"] as WebAssembly.Memory).buffer);
  }

  #read(at: number, length: number): Uint8Array {
    return this.#memory().slice(at >>> 0, (at >>> 0) + length);
  }

  #text(at: number, length: number): string {
    return new TextDecoder().decode(this.#read(at, length));
  }

  #write(at: number, bytes: Uint8Array): void {
    this.#memory().set(bytes, at >>> 0);
  }

  /** The functions of a waPC host. */
  #functions(): Record<string, (...values: number[]) => number | void> {
    return {
      __guest_request: (operation, payload) => {
        this.#write(operation!, this.#operation);
        this.#write(payload!, this.#payload);
      },
      __guest_response: (at, length) => void (this.#response = this.#read(at!, length!)),
      __guest_error: (at, length) => void (this.#error = this.#text(at!, length!)),
      __console_log: (at, length) => this.#options.log?.(this.#text(at!, length!)),
      __host_call: (...values) => {
        const [binding, namespace, operation] = [0, 2, 4].map((at) => this.#text(values[at]!, values[at + 1]!));
        return this.#hostCall(binding!, namespace!, operation!, this.#read(values[6]!, values[7]!));
      },
      __host_response_len: () => this.#hostResponse.length,
      __host_response: (at) => this.#write(at!, this.#hostResponse),
      __host_error_len: () => this.#hostError.length,
      __host_error: (at) => this.#write(at!, this.#hostError),
    };
  }

  #hostCall(binding: string, namespace: string, operation: string, payload: Uint8Array): number {
    this.#hostResponse = this.#hostError = new Uint8Array();
    try {
      // The SDKs of Kubewarden log this way.
      if (binding === "kubewarden" && namespace === "tracing") {
        this.#options.log?.(new TextDecoder().decode(payload));
        return 1;
      }
      if (this.#options.hostCall === undefined) {
        throw new Error(`this host does not answer ${namespace}/${operation}`);
      }
      this.#hostResponse = this.#options.hostCall(binding, namespace, operation, payload);
      return 1;
    } catch (error) {
      this.#hostError = new TextEncoder().encode(error instanceof Error ? error.message : String(error));
      return 0;
    }
  }

  /**
   * A function of WASI. Modules for `wasm32-wasip1` import it for a panic message or a seed; there are no arguments, no environment
   * and no files, and output is dropped.
   */
  #wasi(name: string): Function {
    const zero = (at: number, bytes: number) => this.#write(at, new Uint8Array(bytes));
    const done = (..._effects: void[]) => 0;
    switch (name) {
      case "args_sizes_get":
      case "environ_sizes_get":
        return (count, size) => done(zero(count!, 4), zero(size!, 4));
      case "args_get":
      case "environ_get":
      case "sched_yield":
        return () => 0;
      case "random_get":
        return (at, length) => done(this.#write(at!, crypto.getRandomValues(new Uint8Array(length!))));
      case "clock_time_get":
        return (_clock, _precision, at) => {
          const time = new BigUint64Array([BigInt(Date.now()) * 1_000_000n]);
          return done(this.#write(at!, new Uint8Array(time.buffer)));
        };
      case "fd_write":
        return (_file, parts, count, written) => {
          const view = new DataView(this.#memory().buffer);
          let total = 0;
          for (let part = 0; part < count!; part++) total += view.getUint32(parts! + part * 8 + 4, true);
          view.setUint32(written!, total, true);
          return 0;
        };
      case "proc_exit":
        return (code) => {
          throw new Error(`the module ended itself with code ${code}`);
        };
      default:
        return () => ENOSYS;
    }
  }
}
