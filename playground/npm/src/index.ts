/**
 * Seaworthy's policies for JavaScript: the same verdicts as in the cluster, and the published modules themselves.
 */

import { bytes } from "#files";
import { catalogue, type Policy, type Rule } from "./catalogue.js";
import * as engine from "./engine.js";
import {
  answers,
  type Callable,
  type HostAnswer,
  type SettingsValidationResponse,
  type ValidationResponse,
  validate,
  validateSettings,
} from "./protocol.js";
import type { Finding, Report } from "./report.js";
import { type Options, Wapc } from "./wapc.js";

export type { Callable, Finding, HostAnswer, Options, Policy, Report, Rule, SettingsValidationResponse, ValidationResponse };
export { answers, validate, validateSettings, Wapc };
export { digest, kind, type Kind, metadata } from "./wapc.js";

/** The policies as native code of this package: no module has to be loaded, and findings have places. */
export class Engine {
  private constructor() {}

  static #loaded: Promise<Engine> | undefined;

  /** Loads the engine, once for all callers. */
  static load(): Promise<Engine> {
    Engine.#loaded ??= bytes(new URL("./engine_bg.wasm", import.meta.url)).then((module) => {
      engine.initSync({ module });
      return new Engine();
    });
    return Engine.#loaded;
  }

  /**
   * Judges every object of a manifest, YAML or JSON, by all policies that ask nothing of a host.
   *
   * @param manifest The text of the manifest.
   * @param settings The settings of the module `seaworthy`; absent for the defaults.
   * @param old The manifest of the objects as they are in the cluster: each object is then an UPDATE.
   * @returns The report, in the form of `seaworthy check --format json`.
   * @throws The settings are not valid; the message has one line per fault.
   */
  check(manifest: string, settings?: unknown, old?: string): Report {
    return JSON.parse(engine.check(manifest, settings === undefined ? "" : JSON.stringify(settings), old)) as Report;
  }

  /**
   * The AdmissionRequests of a manifest, as an API server sends them. What cannot be read is left out; `check` reports it.
   */
  requests(manifest: string, old?: string): unknown[] {
    return JSON.parse(engine.requests(manifest, old)) as unknown[];
  }

  /** The modules that are part of this package as native code: those that judge workloads and ask their host nothing. */
  modules(): string[] {
    return engine.modules();
  }

  /**
   * A module by its name, as native code of this package.
   *
   * @throws There is none of this name, or it is not one of {@link modules}: {@link published} runs it.
   */
  module(name: string): Callable {
    const { capabilities } = require(name);
    if (!this.modules().includes(name)) {
      const options = capabilities.length > 0 ? `, { hostCall: answers(…) }` : "";
      throw new Error(`\`${name}\` is not part of the engine; use \`published("${name}"${options})\``);
    }
    return { call: (operation, payload) => engine.call(name, operation, payload) };
  }
}

/** Every module with its facts: title, severity, rules, settings. */
export function policies(): readonly Policy[] {
  return catalogue;
}

/**
 * The JSON Schema of the settings of a module.
 *
 * @throws There is none of this name.
 */
export function schema(name: string): Record<string, unknown> {
  return require(name).schema;
}

/**
 * A rule, as `policy/rule`: what it finds, its default, examples.
 *
 * @throws There is none of this name.
 */
export function explain(rule: string): Rule & { policy: string } {
  const [policy = "", id] = rule.split("/");
  const entry = require(policy);
  const found = entry.rules.find((known) => known.id === id);
  if (found === undefined) {
    const known = entry.rules.map((one) => `${policy}/${one.id}`).join(", ");
    throw new Error(`\`${rule}\` is not a rule; the rules of ${policy} are ${known || "those of its policies"}`);
  }
  return { policy, ...found };
}

/**
 * The published module of a policy, in the host of this package: the same bytes as in a cluster.
 *
 * @throws There is none of this name.
 */
export async function published(name: string, options: Options = {}): Promise<Wapc> {
  return Wapc.load(await publishedBytes(name), options);
}

/**
 * The bytes of the published module of a policy.
 *
 * @throws There is none of this name.
 */
export async function publishedBytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
  require(name);
  return bytes(new URL(`./policies/${name}.wasm`, import.meta.url));
}

function require(name: string): Policy {
  const found = catalogue.find((policy) => policy.name === name);
  if (found === undefined) {
    throw new Error(`\`${name}\` is not a policy; the policies are ${catalogue.map((policy) => policy.name).join(", ")}`);
  }
  return found;
}
