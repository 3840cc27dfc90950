// Every call of every case gives the same answer as the native code, byte for byte: by the engine, and by the published modules.

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Engine, policies, published } from "../../dist/npm/index.js";

const CALLS = new URL("../../dist/web/calls.jsonl", import.meta.url);

const engine = await Engine.load();
const callables = new Map();
for (const { name } of policies()) {
  callables.set(name, [
    ["the engine", engine.module(name)],
    ["the published module", await published(name)],
  ]);
}

test("every case gives the same answer in JavaScript as natively", async () => {
  const counts = new Map();
  for await (const line of createInterface({ input: createReadStream(CALLS) })) {
    const { module, operation, payload, answer } = JSON.parse(line);
    const bytes = new TextEncoder().encode(payload);
    for (const [name, callable] of callables.get(module)) {
      const given = new TextDecoder().decode(callable.call(operation, bytes));
      assert.equal(given, answer, `${name} of ${module}, ${operation} of ${payload}`);
    }
    counts.set(module, (counts.get(module) ?? 0) + 1);
  }
  // No module without cases.
  assert.deepEqual([...counts.keys()].sort(), [...callables.keys()].sort());
});
