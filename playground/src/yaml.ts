/** Changes of YAML texts that leave everything else as it is, comments included. */

import { Document, isCollection, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, parseDocument, stringify } from "yaml";

/** The settings as the module takes them; absent when the text is empty. */
export function settingsOf(text: string): unknown {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new Error(error.message);
  return document.contents === null ? undefined : document.toJS();
}

/** The settings with a policy turned on or off. */
export function withPolicy(text: string, policy: string, isOn: boolean): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) return text;
  const settings = isMap(document.contents) ? document : new Document({});
  if (!isOn) {
    settings.setIn(["policies", policy], false);
  } else if (settings.getIn(["policies", policy]) === false) {
    settings.deleteIn(["policies", policy]);
    const rest = settings.get("policies");
    if (isMap(rest) && rest.items.length === 0) settings.delete("policies");
  }
  return isMap(settings.contents) && settings.contents.items.length === 0 ? "" : settings.toString({ lineWidth: 0 });
}

/** The steps of a path such as `spec.containers[0].image`. Keys that are no plain words stand in brackets with quotes. */
export function steps(path: string): (string | number)[] {
  const found = path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g);
  return Array.from(found, ([, index, quoted, key]) => (index !== undefined ? Number(index) : (quoted ?? key ?? "")));
}

/** The manifest in which the value at a path of the object that begins at this line is another. Nothing else changes. */
export function withValue(manifest: string, line: number, path: string, value: string | number | boolean): string {
  const lines = new LineCounter();
  const documents = parseAllDocuments(manifest, { lineCounter: lines });
  if (!Array.isArray(documents)) return manifest;
  // The last one that begins no later than the object does.
  const begins = (node: unknown) => isNode(node) && node.range != null && lines.linePos(node.range[0]).line <= line;
  const document = documents.findLast(({ contents }) => begins(contents));
  let node: unknown = document?.contents;
  const items = document?.get("items");
  if (isSeq(items) && String(document?.get("kind")).endsWith("List")) node = items.items.findLast(begins);

  const rest = steps(path);
  while (rest.length > 0 && isCollection(node)) {
    const next = node.get(rest[0], true);
    if (next === undefined || (isScalar(next) && next.value === null)) break;
    node = next;
    rest.shift();
  }
  if (rest.length === 0) return isScalar(node) && node.range ? replaced(manifest, node.range[0], node.range[1], JSON.stringify(value)) : manifest;
  // Only keys can be added; the places of a list are taken by what is in it.
  const keys = rest.filter((key) => typeof key === "string");
  if (!isMap(node) || !node.range || keys.length < rest.length) return manifest;
  if (node.flow) {
    // In JSON, keys have quotes.
    const quoted = (key: string) => (manifest.trimStart().startsWith("{") ? JSON.stringify(key) : key);
    const inner = `${quoted(keys.at(-1) ?? "")}: ${JSON.stringify(value)}`;
    const entry = keys.slice(0, -1).reduceRight((text, key) => `${quoted(key)}: { ${text} }`, inner);
    const end = manifest.slice(0, node.range[1] - 1).trimEnd().length;
    return replaced(manifest, end, end, node.items.length > 0 ? `, ${entry}` : ` ${entry} `);
  }
  const [first] = node.items;
  if (!isNode(first?.key) || !first.key.range) return manifest;
  const present = node.items.find(({ key }) => isScalar(key) && key.value === keys[0]);
  // After a key that has no value yet, or after the last one.
  const last = present ?? node.items.at(-1);
  const end = [present === undefined ? last?.value : undefined, last?.key].find((one) => isNode(one) && one.range);
  if (!isNode(end) || !end.range) return manifest;
  const column = lines.linePos(first.key.range[0]).col - 1;
  const added = keys.map((key, depth) => `\n${" ".repeat(column + 2 * depth)}${key}:`);
  const text = added.slice(present === undefined ? 0 : 1).join("") + ` ${JSON.stringify(value)}`;
  const at = lineEnd(manifest, manifest.slice(0, end.range[1]).trimEnd().length);
  return replaced(manifest, at, at, text);
}

function replaced(text: string, from: number, to: number, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}

/** The end of the line that an offset is in. */
function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end;
}

/** A manifest that loads the combined module, with these settings. */
export function withSettings(manifest: string, settings: unknown): string {
  const document = parseDocument(manifest);
  document.setIn(["spec", "settings"], settings ?? {});
  return document.toString({ lineWidth: 0 });
}

/** The values of the chart `seaworthy-policies` that mean these settings of the combined module. */
export function helmValues(settings: unknown): string {
  const { policies = {}, exemptions, ...common } = (settings ?? {}) as Record<string, unknown>;
  const values: Record<string, unknown> = {};
  if (Object.keys(common).length > 0) values["settings"] = common;
  if (exemptions !== undefined) values["exemptions"] = exemptions;
  const entries = Object.entries((policies ?? {}) as Record<string, unknown>);
  if (entries.length > 0) {
    const entry = ([name, own]: [string, unknown]) => [name, own === false ? { enabled: false } : { settings: own }];
    values["policies"] = Object.fromEntries(entries.map(entry));
  }
  return stringify(values, { lineWidth: 0 });
}
