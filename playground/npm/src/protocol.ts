/**
 * The calls that a Kubewarden host makes, as functions of JavaScript values.
 *
 * Source: Kubewarden, "Policy communication: specification".
 */

/** Whatever answers the operations of a module: the engine, or a module itself. */
export interface Callable {
  /** Answers an operation; payload and answer are JSON in UTF-8. */
  call(operation: string, payload: Uint8Array): Uint8Array;
}

/** The answer to `validate`. */
export interface ValidationResponse {
  /** The request may pass. */
  accepted: boolean;
  /** Why it may not. */
  message?: string;
  /** The HTTP status of a rejection. */
  code?: number;
  /** The object as the policy wants it. */
  mutated_object?: unknown;
  /** For the audit log of the API server. */
  audit_annotations?: Record<string, string>;
  /** Shown to the user. */
  warnings?: string[];
}

/** The answer to `validate_settings`. */
export interface SettingsValidationResponse {
  /** The settings can be used. */
  valid: boolean;
  /** Why they cannot, with one line per fault. */
  message?: string;
}

/** What a host answers to one question: the answer, or why there is none. */
export interface HostAnswer {
  /** A text, or a value that is handed over as JSON. */
  answer?: unknown;
  /** The words of the host. */
  error?: string;
}

/**
 * A host that answers from what is at hand: by the capability, as `oci/v1/oci_manifest`, and by what is asked about, which is an
 * image or an object as JSON.
 */
export function answers(
  given: Record<string, Record<string, HostAnswer>>,
): (binding: string, namespace: string, operation: string, payload: Uint8Array) => Uint8Array {
  return (_binding, namespace, operation, payload) => {
    const capability = `${namespace}/${operation}`;
    const asked = decoder.decode(payload);
    const question: unknown = JSON.parse(asked);
    const found = given[capability]?.[typeof question === "string" ? question : asked];
    if (found === undefined) throw new Error(`there is no answer to ${capability} of ${asked}`);
    if (found.error !== undefined) throw new Error(found.error);
    return encoder.encode(typeof found.answer === "string" ? found.answer : JSON.stringify(found.answer));
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Judges an AdmissionRequest. Without settings, the defaults apply. */
export function validate(module: Callable, request: unknown, settings: unknown = null): ValidationResponse {
  return ask(module, "validate", { request, settings }) as ValidationResponse;
}

/** Checks settings. */
export function validateSettings(module: Callable, settings: unknown): SettingsValidationResponse {
  return ask(module, "validate_settings", settings) as SettingsValidationResponse;
}

function ask(module: Callable, operation: string, payload: unknown): unknown {
  return JSON.parse(decoder.decode(module.call(operation, encoder.encode(JSON.stringify(payload)))));
}
