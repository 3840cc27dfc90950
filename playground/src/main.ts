/** The page: what is typed goes to the engine, and what it finds is shown beside it. */

import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Diagnostic } from "@codemirror/lint";
import { stringify } from "yaml";
import { digest, Engine, type Finding, kind, metadata, policies, type Report, type Rule, validate, Wapc } from "seaworthy-policies";
import { Editor, type Place } from "./editor.js";
import { pack, type State, unpack } from "./state.js";
import { LANGUAGES, type Language, type Texts, translate } from "./texts.js";
import { helmValues, settingsOf, withPolicy, withSettings, withValue } from "./yaml.js";

/** The module whose settings the page edits. */
const COMBINED = "seaworthy";

/** How long the address stays as it is while somebody types, in milliseconds. */
const REST = 400;

const START: State = {
  manifest: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec:
      containers:
        - name: cart
          image: registry.example/shop/cart:latest
          command: [sh, -c, "./migrate && ./serve"]
          securityContext:
            readOnlyRootFilesystem: false
`,
  old: "",
  settings: "",
};

/** An element of the document. */
function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as E;
}

/** A new element. */
function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const engine = await Engine.load();
const combined = policies().find((policy) => policy.name === COMBINED);
const members = policies().filter((policy) => combined?.combines.includes(policy.name));
/** The policies that judge more than workloads. */
const apart = policies().filter(({ name, capabilities, combines }) => capabilities.length + combines.length === 0 && !combined?.combines.includes(name));
/** The policies that a page cannot run: there is no registry to ask, and no cluster to read. */
const [asking, reading] = [false, true].map((reads) =>
  policies().filter(
    ({ capabilities, combines }) =>
      capabilities.length > 0 && combines.length === 0 && capabilities.some((capability) => capability.startsWith("kubernetes/")) === reads,
  ),
);

let language: Language = (localStorage.getItem("language") as Language | null) ?? (navigator.language.startsWith("ja") ? "ja" : "en");
if (!(language in LANGUAGES)) language = "en";
let texts: Texts = translate(language);
let foreign: { name: string; module: Wapc } | undefined;
let timer: number | undefined;

const start = (await opened()) ?? START;
const editors = {
  manifest: new Editor(element("panel-manifest"), start.manifest, changed),
  old: new Editor(element("panel-old"), start.old, changed),
  settings: new Editor(element("panel-settings"), start.settings, changed, completions),
};
type Tab = keyof typeof editors;

function state(): State {
  return { manifest: editors.manifest.text, old: editors.old.text, settings: editors.settings.text };
}

function load(given: State): void {
  editors.settings.text = given.settings;
  editors.old.text = given.old;
  editors.manifest.text = given.manifest;
}

/** Judges what is typed, at once; the address follows when the typing rests. */
function changed(): void {
  judge();
  clearTimeout(timer);
  timer = window.setTimeout(async () => history.replaceState(null, "", `#${await pack(state())}`), REST);
}

function judge(): void {
  const { manifest, old, settings } = state();
  let report: Report;
  try {
    report = engine.check(manifest, settingsOf(settings), old.trim() === "" ? undefined : old);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    editors.settings.show([{ from: 0, to: settings.length, severity: "error", message }]);
    element("summary").textContent = `${texts.settingsFault}: ${message}`;
    element("summary").dataset["state"] = "deny";
    element("findings").replaceChildren();
    return;
  }
  editors.settings.show([]);
  showSummary(report);
  showFindings(report);
  showPolicies(report, settings);
  judgeByForeign();
}

function showSummary({ summary }: Report): void {
  const { objects, findings, deniedObjects, warnings, errors } = summary;
  const parts = [];
  if (errors > 0) parts.push(texts.unread(errors));
  if (findings > 0) parts.push(texts.denies(findings, deniedObjects));
  else if (warnings > 0) parts.push(texts.warns(warnings));
  else if (objects > 0) parts.push(texts.clean(objects));
  else if (errors === 0) parts.push(texts.empty);
  const shown = element("summary");
  shown.textContent = parts.join(". ");
  shown.dataset["state"] = findings + errors > 0 ? "deny" : warnings > 0 ? "warn" : objects > 0 ? "clean" : "empty";
}

function showFindings(report: Report): void {
  const items: { line: number; item: HTMLElement }[] = [];
  const marks: Record<"manifest" | "old", Diagnostic[]> = { manifest: [], old: [] };
  for (const { path, line = 1, column = 1, message } of report.errors) {
    const tab = path === "manifest" ? "manifest" : "old";
    const place = { line, column, endLine: line, endColumn: column + 1 };
    marks[tab].push({ ...editors[tab].range(place), severity: "error", message });
    items.push({ line, item: make("li", { className: "deny" }, head("error", texts.error, tab, place), make("p", {}, message)) });
  }
  for (const object of report.files.flatMap((file) => file.objects)) {
    for (const { policy, findings } of object.policies) {
      for (const finding of findings) {
        const place = finding.location ?? { line: object.line, column: 1, endLine: object.line, endColumn: 2 };
        const severity = finding.action === "deny" ? "error" : finding.action === "exempt" ? "info" : "warning";
        const id = finding.rule === undefined ? policy : `${policy}/${finding.rule}`;
        marks.manifest.push({ ...editors.manifest.range(place), severity, source: id, message: finding.message });
        items.push({ line: place.line, item: item(object, policy, id, finding, place) });
      }
    }
  }
  editors.manifest.show(marks.manifest);
  editors.old.show(marks.old);
  items.sort((one, other) => one.line - other.line);
  element("findings").replaceChildren(...items.map(({ item }) => item));
}

/** The line above a finding: what it means, whose it is, and a button that goes to its place. */
function head(action: string, label: string, tab: Tab, place: Place, id = ""): HTMLElement {
  const go = make("button", { type: "button", className: "place" }, `${texts.line} ${place.line}`);
  go.addEventListener("click", () => {
    select(tab);
    editors[tab].select(place);
  });
  return make("div", { className: "head" }, make("strong", { className: `action ${action}` }, label), make("code", {}, id), go);
}

function item(object: Report["files"][number]["objects"][number], policy: string, id: string, finding: Finding, place: Place): HTMLElement {
  const list = make(
    "li",
    { className: finding.action },
    head(finding.action, texts[finding.action], "manifest", place, id),
    make("p", {}, `${object.kind} ${object.name}: ${finding.message}`),
  );
  const { path, set } = finding;
  if (path !== undefined && (typeof set === "boolean" || typeof set === "number" || typeof set === "string")) {
    const button = make("button", { type: "button", className: "fix" }, `${texts.fix}: ${path.split(".").at(-1)}: ${JSON.stringify(set)}`);
    button.addEventListener("click", () => {
      editors.manifest.text = withValue(editors.manifest.text, object.line, path, set);
    });
    list.append(button);
  }
  const entry = policies().find((known) => known.name === policy);
  const rule = entry?.rules.find((known) => known.id === finding.rule);
  if (entry !== undefined && rule !== undefined) list.append(explanation(entry.guide, rule));
  return list;
}

/** A text in which what stands between backticks is code. */
function withCode(text: string): (Node | string)[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? make("code", {}, part) : part));
}

/** What a rule is about, with its examples. */
function explanation(guide: { title: string; url: string }, rule: Rule): HTMLElement {
  const details = make("details", {}, make("summary", {}, texts.explain), make("p", {}, ...withCode(rule.about)));
  for (const [title, example] of [[texts.bad, rule.bad], [texts.good, rule.good]] as const) {
    if (example) details.append(make("h3", {}, title), make("pre", { tabIndex: 0 }, example.input));
  }
  details.append(make("p", {}, `${texts.guide}: `, make("a", { href: guide.url, rel: "noreferrer" }, guide.title)));
  return details;
}

function showPolicies(report: Report, settings: string): void {
  const judged = new Map<string, number>();
  for (const { policy, findings } of report.files.flatMap((file) => file.objects).flatMap((object) => object.policies)) {
    judged.set(policy, (judged.get(policy) ?? 0) + findings.length);
  }
  const chosen = settingsOf(settings) as { policies?: Record<string, unknown> } | undefined;
  const rows = members.map((policy) => {
    const box = make("input", { type: "checkbox", checked: chosen?.policies?.[policy.name] !== false, id: `policy-${policy.name}` });
    box.addEventListener("change", () => {
      editors.settings.text = withPolicy(editors.settings.text, policy.name, box.checked);
      element(`policy-${policy.name}`).focus();
    });
    const found = judged.get(policy.name) ?? 0;
    const number = make("span", { className: "count" }, found > 0 ? String(found) : "");
    return make("li", {}, make("label", { title: policy.description }, box, " ", policy.name, " ", number));
  });
  element("policies").replaceChildren(...rows);
  const names = (asking ?? []).map(({ name }) => name).join(", ");
  const left = [texts.leftOut(names), ...(reading ?? []).map(({ name }) => texts.reading(name)), ...apart.map(({ name }) => texts.apart(name))];
  element("left-out").textContent = left.join(" ");
}

/** Lets the module that somebody dropped judge the same requests. */
function judgeByForeign(): void {
  const shown = element("module");
  if (foreign === undefined) return;
  const { module } = foreign;
  const rows = requests().map((request) => {
    const title = `${request.kind.kind} ${request.name}`;
    try {
      const { accepted, message, warnings = [] } = validate(module, request, {});
      const words = [accepted ? texts.accepted : texts.rejected, message, ...warnings].filter(Boolean).join(": ");
      return make("li", { className: accepted ? "clean" : "deny" }, `${title}: ${words}`);
    } catch (error) {
      return make("li", { className: "deny" }, `${title}: ${texts.error}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  shown.querySelector("ul")?.replaceChildren(...rows);
}

/** The AdmissionRequests of the manifest. */
function requests(): { kind: { kind: string }; name: string }[] {
  const { manifest, old } = state();
  return engine.requests(manifest, old.trim() === "" ? undefined : old) as { kind: { kind: string }; name: string }[];
}

async function drop(file: File): Promise<void> {
  const shown = element("module");
  element<HTMLDetailsElement>("module-box").open = true;
  foreign = undefined;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch {
    shown.replaceChildren(make("p", { className: "deny" }, `${file.name}: ${texts.notWasm}`));
    return;
  }
  const found = kind(module);
  const about = [make("p", {}, make("strong", {}, file.name)), make("p", { className: "digest" }, await digest(bytes))];
  if (found !== "wapc") {
    shown.replaceChildren(...about, make("p", { className: "deny" }, texts.notWapc[found]));
    return;
  }
  try {
    foreign = { name: file.name, module: new Wapc(module) };
  } catch (error) {
    shown.replaceChildren(...about, make("p", { className: "deny" }, error instanceof Error ? error.message : String(error)));
    return;
  }
  const described = (metadata(module) as { annotations?: Record<string, string> } | undefined)?.annotations;
  const title = described?.["io.kubewarden.policy.title"];
  if (title) about.push(make("p", {}, title));
  const remove = make("button", { type: "button" }, texts.remove);
  remove.addEventListener("click", () => {
    foreign = undefined;
    shown.replaceChildren();
  });
  shown.replaceChildren(...about, make("ul"), remove);
  judgeByForeign();
}

/** Keys of the settings, by the schema, at the place of the cursor. */
function completions(context: CompletionContext): CompletionResult | null {
  const word = context.matchBefore(/[\w-]*/);
  const line = context.state.doc.lineAt(context.pos);
  if (word === null || (word.from === word.to && !context.explicit)) return null;
  const indent = (text: string) => text.length - text.trimStart().length;
  let schema: Record<string, unknown> | undefined = combined?.schema;
  const parents: string[] = [];
  let depth = indent(line.text);
  for (let number = line.number - 1; number >= 1 && depth > 0; number--) {
    const above = context.state.doc.line(number).text;
    const key = /^\s*([\w-]+):\s*$/.exec(above)?.[1];
    if (key !== undefined && indent(above) < depth) {
      parents.unshift(key);
      depth = indent(above);
    }
  }
  for (const parent of parents) schema = properties(schema)?.[parent];
  const options = Object.entries(properties(schema) ?? {}).map(([label, property]) => ({
    label,
    type: "property",
    apply: `${label}: `,
    info: String(property["description"] ?? ""),
  }));
  return { from: word.from, options };
}

/** The properties of a schema, also where it is one of several. */
function properties(schema: Record<string, unknown> | undefined): Record<string, Record<string, unknown>> | undefined {
  if (schema === undefined) return undefined;
  const choices = (schema["anyOf"] ?? schema["oneOf"] ?? []) as Record<string, unknown>[];
  const found = [schema, ...choices].find((choice) => choice["properties"] !== undefined);
  return found?.["properties"] as Record<string, Record<string, unknown>> | undefined;
}

function select(tab: Tab): void {
  for (const name of Object.keys(editors) as Tab[]) {
    const button = element(`tab-${name}`);
    button.setAttribute("aria-selected", String(name === tab));
    button.tabIndex = name === tab ? 0 : -1;
    element(`panel-${name}`).hidden = name !== tab;
  }
}

function notice(text: string): void {
  element("notice").textContent = text;
  window.setTimeout(() => (element("notice").textContent = ""), 4000);
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notice(texts.copied);
  } catch {
    notice(texts.notCopied);
  }
}

async function copyAs(form: string): Promise<void> {
  let settings: unknown;
  try {
    settings = settingsOf(editors.settings.text);
  } catch {
    return notice(texts.settingsFault);
  }
  if (form === "policy") return copy(withSettings(combined?.manifests["monitor"] ?? "", settings));
  if (form === "values") return copy(helmValues(settings));
  const [request] = requests();
  return request === undefined ? notice(texts.nothingToCopy) : copy(JSON.stringify(request, null, 2));
}

/** Examples from the cases of the policies: whatever the tests replay as a rejected pod. */
function fillExamples(): void {
  const choose = element<HTMLSelectElement>("example");
  for (const policy of members) {
    const group = make("optgroup", { label: policy.title });
    for (const rule of policy.rules) {
      if (rule.bad && /^(pod|object):/m.test(rule.bad.input)) {
        group.append(make("option", { value: `${policy.name}/${rule.id}` }, rule.about.replace(/\.$/, "")));
      }
    }
    choose.append(group);
  }
}

/** The example of a rule: its pod as a Pod, or its object, and its settings. Only its policy judges. */
function example(id: string): State | undefined {
  const [policy = "", rule] = id.split("/");
  const input = policies().find((known) => known.name === policy)?.rules.find((known) => known.id === rule)?.bad?.input;
  if (input === undefined) return undefined;
  const given = settingsOf(input) as { pod?: unknown; object?: unknown; old?: unknown; settings?: unknown };
  const others = Object.fromEntries(members.filter(({ name }) => name !== policy).map(({ name }) => [name, false]));
  const pod = (spec: unknown) => stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "example" }, spec }, { lineWidth: 0 });
  return {
    manifest: given.object ? stringify(given.object, { lineWidth: 0 }) : pod(given.pod),
    old: given.old ? pod(given.old) : "",
    settings: stringify({ policies: { ...others, [policy]: given.settings ?? {} } }, { lineWidth: 0 }),
  };
}

/** What an address opens: the example of a rule, `#rule=no-latest/latest-tag`, or what was shared. */
async function opened(): Promise<State | undefined> {
  const fragment = location.hash.slice(1);
  return fragment.startsWith("rule=") ? example(fragment.slice("rule=".length)) : unpack(fragment);
}

function translated(): void {
  texts = translate(language);
  for (const [name, editor] of Object.entries(editors)) editor.label = String(texts[name as Tab]);
  judge();
}

for (const name of Object.keys(editors) as Tab[]) {
  const button = element(`tab-${name}`);
  button.addEventListener("click", () => select(name));
  button.addEventListener("keydown", (event) => {
    const names = Object.keys(editors) as Tab[];
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? names.length - 1 : 0;
    if (step === 0) return;
    const next = names[(names.indexOf(name) + step) % names.length]!;
    select(next);
    element(`tab-${next}`).focus();
  });
}
element<HTMLSelectElement>("example").addEventListener("change", (event) => {
  const chosen = example((event.target as HTMLSelectElement).value);
  if (chosen === undefined) return;
  load(chosen);
  select("manifest");
});
element<HTMLSelectElement>("copy").addEventListener("change", (event) => {
  const choose = event.target as HTMLSelectElement;
  if (choose.value) void copyAs(choose.value);
  choose.value = "";
});
element("share").addEventListener("click", async () => {
  history.replaceState(null, "", `#${await pack(state())}`);
  await copy(location.href);
});
element("theme").addEventListener("click", () => {
  const isDark = getComputedStyle(document.documentElement).colorScheme.startsWith("dark");
  setTheme(isDark ? "light" : "dark");
});
element<HTMLSelectElement>("language").value = language;
element<HTMLSelectElement>("language").addEventListener("change", (event) => {
  language = (event.target as HTMLSelectElement).value as Language;
  localStorage.setItem("language", language);
  translated();
});
element<HTMLInputElement>("file").addEventListener("change", (event) => {
  const [file] = (event.target as HTMLInputElement).files ?? [];
  if (file) void drop(file);
});
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  const [file] = event.dataTransfer?.files ?? [];
  if (file === undefined) return;
  event.preventDefault();
  void drop(file);
});
addEventListener("hashchange", async () => {
  const given = await opened();
  if (given !== undefined) load(given);
});

function setTheme(theme: string): void {
  document.documentElement.dataset["theme"] = theme;
  localStorage.setItem("theme", theme);
}

const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset["theme"] = localStorage.getItem("theme") ?? preferred;
fillExamples();
translated();
document.documentElement.dataset["ready"] = "true";
