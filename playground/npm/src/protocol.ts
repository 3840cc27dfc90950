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
