// A fix changes the text of a manifest where it has to, and nowhere else.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const server = await createServer({ root: fileURLToPath(new URL("..", import.meta.url)), server: { middlewareMode: true, ws: false }, appType: "custom" });
const { helmValues, withPolicy, withValue } = await server.ssrLoadModule("/src/yaml.ts");
after(() => server.close());

const FIXES = [
  ["a value is replaced, and its comment stays", "a:\n  b: false # why\n", 1, "a.b", "a:\n  b: true # why\n"],
  ["a key is added after the last one, with its indentation", "a:\n    b: 1 # one\n    c: {x: 1}\nd: 2\n", 1, "a.z", "a:\n    b: 1 # one\n    c: {x: 1}\n    z: true\nd: 2\n"],
  ["several keys are added below each other", "a:\n  - name: x\n    image: y\n", 1, "a[0].s.r", "a:\n  - name: x\n    image: y\n    s:\n      r: true\n"],
  ["a key without a value gets one", "a:\n  s:\n  b: 1\n", 1, "a.s.r", "a:\n  s:\n    r: true\n  b: 1\n"],
  ["a block scalar stays whole", "a:\n  b: |\n    x\n    y\nc: 1\n", 1, "a.r", "a:\n  b: |\n    x\n    y\n  r: true\nc: 1\n"],
  ["flow style stays flow style", "a: {b: {c: 1}}\n", 1, "a.b.s.r", "a: {b: {c: 1, s: { r: true }}}\n"],
  ["an empty map is filled", "a: {}\n", 1, "a.r", "a: { r: true }\n"],
  ["the object of the line is meant", "k: 1\na: false\n---\nk: 2\na: false\n", 4, "a", "k: 1\na: false\n---\nk: 2\na: true\n"],
  ["an object in a list is meant", "kind: List\nitems:\n- kind: A\n  a: false\n- kind: B\n  a: false\n", 5, "a", "kind: List\nitems:\n- kind: A\n  a: false\n- kind: B\n  a: true\n"],
  ["JSON stays JSON", '{"a": {"b": false}}', 1, "a.b", '{"a": {"b": true}}'],
  ["JSON gets a key with quotes", '{"a": {"b": 1}}', 1, "a.s.r", '{"a": {"b": 1, "s": { "r": true }}}'],
  ["a file without a last line break", "a:\n  b: 1", 1, "a.r", "a:\n  b: 1\n  r: true"],
  ["what is not there as a map is left alone", "a: text\n", 1, "a.b", "a: text\n"],
];

for (const [name, before, line, path, wanted] of FIXES) {
  test(name, () => assert.equal(withValue(before, line, path, true), wanted));
}

test("a policy is switched off and on, and comments stay", () => {
  const settings = "# ours\naction: warn\n";
  const off = withPolicy(settings, "non-root", false);
  assert.equal(off, "# ours\naction: warn\npolicies:\n  non-root: false\n");
  assert.equal(withPolicy(off, "non-root", true), settings);
  assert.equal(withPolicy("", "non-root", false), "policies:\n  non-root: false\n");
  assert.equal(withPolicy(withPolicy("", "non-root", false), "non-root", true), "");
});

test("the values of the chart mean the same settings", () => {
  assert.equal(helmValues(undefined), "{}\n");
  const settings = { action: "warn", exemptions: [{ reason: "x", images: ["a"] }], policies: { a: false, b: { c: 1 } } };
  const wanted = "settings:\n  action: warn\nexemptions:\n  - reason: x\n    images:\n      - a\npolicies:\n  a:\n    enabled: false\n  b:\n    settings:\n      c: 1\n";
  assert.equal(helmValues(settings), wanted);
});
