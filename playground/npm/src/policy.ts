/** The facts of a module. */
export interface Policy {
  /** Its name: directory, module and key in settings. */
  name: string;
  /** Its name for people. */
  title: string;
  /** What it does, in one sentence. */
  description: string;
  /** `low`, `medium`, `high` or `critical`. */
  severity: string;
  /** `Images`, `Processes`, `Security` … */
  category: string;
  version: string;
  /** The section of the guide that asks for the practice. */
  guide: { title: string; url: string };
  /** Its rules; empty for a module of several policies. */
  rules: Rule[];
  /** What it asks its host, as `oci/v1/oci_manifest`; empty for a module that judges by the request alone. */
  capabilities: string[];
  /** The policies that it combines. */
  combines: string[];
  /** The JSON Schema of its settings. */
  schema: Record<string, unknown>;
  /** The reason for the practice, as Markdown. */
  why: string;
  /** Custom resources that load it, as YAML, by purpose: `monitor`, `protect`, `group` … */
  manifests: Record<string, string>;
}

/** A kind of finding. */
export interface Rule {
  /** Its name in settings. */
  id: string;
  /** What it finds, in one sentence. */
  about: string;
  /** What it does without a setting: `deny`, `warn` or `off`. */
  default: string;
  /** The shortest input of a test that breaks it. */
  bad?: Example;
  /** An input that is much like it, and accepted. */
  good?: Example;
  /** The address that opens the example that breaks it in the playground. */
  playground?: string;
}

/** An input of a test. */
export interface Example {
  /** YAML. */
  input: string;
  /** What the policy writes about it. */
  says: string;
}
