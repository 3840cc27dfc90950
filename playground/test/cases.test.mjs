// Every call of every case gives the same answer as the native code, byte for byte: by the engine, and by the published modules.
// Modules that ask their host have the answers of the case.

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { answers, Engine, policies, publishedBytes, Wapc } from "../../dist/npm/index.js";

const CALLS = new URL("../../dist/web/calls.jsonl", import.meta.url);

const engine = await Engine.load();
const modules = new Map();
for (const { name } of policies()) {
  const module = await WebAssembly.compile(await publishedBytes(name));
  modules.set(name, (host) => {
    const published = ["the published module", new Wapc(module, { hostCall: answers(host) })];
    return engine.modules().includes(name) ? [published, ["the engine", engine.module(name)]] : [published];
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

test("a module that is not part of the engine is named, with the way to run it", () => {
  assert.throws(() => engine.module("image-size"), /not part of the engine; use `published\("image-size", \{ hostCall/);
  assert.throws(() => engine.module("keyless"), /not part of the engine; use `published\("keyless"\)`/);
  assert.equal(typeof engine.module("non-root").call, "function");
});
