// Every call of every case gives the same answer as the native code, byte for byte: by the engine, and by the published modules.
// Modules that ask their host have the answers of the case; the engine has none of them.

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { answers, Engine, policies, publishedBytes, Wapc } from "../../dist/npm/index.js";

const CALLS = new URL("../../dist/web/calls.jsonl", import.meta.url);

const engine = await Engine.load();
const modules = new Map();
for (const { name, capabilities } of policies()) {
  const module = await WebAssembly.compile(await publishedBytes(name));
  modules.set(name, (host) => {
    const published = ["the published module", new Wapc(module, { hostCall: answers(host) })];
    return capabilities.length > 0 ? [published] : [published, ["the engine", engine.module(name)]];
  });
}

test("every case gives the same answer in JavaScript as natively", async () => {
  const counts = new Map();
  let host;
  for await (const line of createInterface({ input: createReadStream(CALLS) })) {
    const parsed = JSON.parse(line);
    if (parsed.host !== undefined) {
      ({ host } = parsed);
      continue;
    }
    const { module, operation, payload, answer } = parsed;
    const bytes = new TextEncoder().encode(payload);
    for (const [name, callable] of modules.get(module)(host)) {
      const given = new TextDecoder().decode(callable.call(operation, bytes));
      assert.equal(given, answer, `${name} of ${module}, ${operation} of ${payload}`);
    }
    counts.set(module, (counts.get(module) ?? 0) + 1);
  }
  // No module without cases.
  assert.deepEqual([...counts.keys()].sort(), [...modules.keys()].sort());
});

test("a module that asks its host is not in the engine, and says where it is", () => {
  assert.throws(() => engine.module("image-size"), /asks its host for oci\/v1\/oci_manifest; use `published\("image-size"/);
});
