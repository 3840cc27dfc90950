// The page in a real browser. Without Chromium, the tests say that they skipped.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import AxeBuilder from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { preview } from "vite";

/** The most that the page may weigh beside the engine and the modules, in bytes after gzip. */
const BUDGET = 300_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const options = executablePath ? {} : { skip: "there is no Chromium" };

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: cart}
spec:
  template:
    spec:
      containers:
        - name: cart
          image: registry.example/shop/cart:1.4.2
          ports: [{name: metrics, containerPort: 9102}]
          securityContext:
            runAsNonRoot: true
            readOnlyRootFilesystem: false
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
            seccompProfile: {type: RuntimeDefault}
`;

let server, browser, url;

before(async () => {
  if (!executablePath) return;
  server = await preview({ root, preview: { host: "127.0.0.1", port: 0 } });
  [url] = server.resolvedUrls.local;
  browser = await chromium.launch({ executablePath });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens the page, runs a test, and fails for an error in its console or a request to elsewhere. */
async function open(run, { address = url, ...context } = {}) {
  const page = await (await browser.newContext({ locale: "en", ...context })).newPage();
  const faults = [];
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => new URL(request.url()).origin === new URL(url).origin || faults.push(request.url()));
  await page.goto(address);
  await page.locator("html[data-ready]").waitFor();
  await run(page);
  assert.deepEqual(faults, []);
  await page.context().close();
}

/** Types a text into an editor, in place of what is there. */
async function write(page, panel, text) {
  await page.locator(`#tab-${panel}`).click();
  const editor = page.locator(`#panel-${panel} .cm-content`);
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

const findings = (page) => page.locator("#findings > li").allTextContents();

test("a manifest that is typed is judged, with the finding at its line", options, () =>
  open(async (page) => {
    await write(page, "manifest", DEPLOYMENT);
    const [finding, ...more] = await findings(page);
    assert.match(finding, /readonly-rootfs\/writable-root-filesystem.*line 13.*readOnlyRootFilesystem is false/s);
    assert.deepEqual(more, []);
    assert.match(await page.locator("#summary").textContent(), /^1 finding in 1 object: a cluster rejects this$/);
    assert.equal(await page.locator("#panel-manifest .cm-lintRange-error").count(), 1);
    await page.locator("#findings .place").click();
    assert.equal(await page.evaluate(() => getSelection().toString()), "false");
  }),
);

test("a fix changes what it mends and nothing else", options, () =>
  open(async (page) => {
    const commented = `# first\n${DEPLOYMENT.replace("runAsNonRoot: true", "runAsUser: 7 # seven")}---\n${DEPLOYMENT}`;
    await write(page, "manifest", commented);
    assert.equal((await findings(page)).length, 2);
    await page.locator("#findings .fix").last().click();
    await page.locator("#findings .fix").click();
    assert.deepEqual(await findings(page), []);
    await page.locator("#panel-manifest .cm-content").focus();
    const fixed = await page.locator("#panel-manifest .cm-content").innerText();
    assert.equal(fixed.trimEnd(), commented.replaceAll("Filesystem: false", "Filesystem: true").trimEnd());
  }),
);

test("a policy that is switched off no longer judges, and the settings say so", options, () =>
  open(async (page) => {
    await write(page, "manifest", DEPLOYMENT);
    await page.getByLabel("readonly-rootfs").uncheck();
    assert.deepEqual(await findings(page), []);
    await page.locator("#tab-settings").click();
    assert.equal((await page.locator("#panel-settings .cm-content").innerText()).trim(), "policies:\n  readonly-rootfs: false");
    await page.getByLabel("readonly-rootfs").check();
    assert.equal((await findings(page)).length, 1);
  }),
);

test("an object that was there before is updated, and what it had already is not denied", options, () =>
  open(async (page) => {
    await write(page, "manifest", DEPLOYMENT);
    await write(page, "old", DEPLOYMENT);
    assert.match(await page.locator("#summary").textContent(), /^Accepted, with 1 warning$/);
  }),
);

test("settings that are not valid are named with every fault", options, () =>
  open(async (page) => {
    await write(page, "settings", "action: never\npolicies: {none: {}}\n");
    const summary = await page.locator("#summary").textContent();
    assert.match(summary, /The settings are not valid.*action.*none/s);
  }),
);

test("an example of every rule can be loaded, and breaks that rule", options, () =>
  open(async (page) => {
    const values = await page.locator("#example option").evaluateAll((all) => all.map((one) => one.value).filter(Boolean));
    assert.ok(values.length > 20, `${values.length} examples`);
    for (const value of values) {
      await page.locator("#example").selectOption(value);
      const ids = await page.locator("#findings .head code").allTextContents();
      assert.ok(ids.includes(value), `${value}: ${ids}`);
    }
  }),
);

test("a link to a rule opens its example, also in a page that is open", options, () =>
  open(
    async (page) => {
      const ids = () => page.locator("#findings .head code").allTextContents();
      assert.ok((await ids()).includes("no-latest/latest-tag"), `${await ids()}`);
      await page.evaluate(() => (location.hash = "#rule=non-root/root-user"));
      await page.waitForFunction(() => document.querySelector("#findings .head code")?.textContent === "non-root/root-user");
    },
    { address: `${url}#rule=no-latest/latest-tag` },
  ),
);

test("policies that ask the host are named as left out", options, () =>
  open(async (page) => {
    const left = await page.locator("#left-out").textContent();
    assert.match(left, /build-cache, image-entrypoint, image-labels, image-size, image-user, no-extra-tools judge .*seaworthy check --images registry/s);
    assert.match(left, /vulnerability-scan reads .*seaworthy check --policy vulnerability-scan --cluster FILE/s);
    assert.doesNotMatch(left, /seaworthy-images|no-latest/);
  }),
);

test("a link opens the same manifest, settings and old object elsewhere", options, async () => {
  let address;
  await open(async (page) => {
    await write(page, "manifest", DEPLOYMENT);
    await write(page, "old", DEPLOYMENT.replace("1.4.2", "1.4.1"));
    await write(page, "settings", "action: warn # é\n");
    await page.locator("#share").click();
    await page.waitForFunction(() => location.hash.length > 1);
    address = page.url();
  });
  await open(
    async (page) => {
      for (const [panel, text] of Object.entries({ manifest: DEPLOYMENT, old: DEPLOYMENT.replace("1.4.2", "1.4.1"), settings: "action: warn # é\n" })) {
        await page.locator(`#tab-${panel}`).click();
        assert.equal((await page.locator(`#panel-${panel} .cm-content`).innerText()).trimEnd(), text.trimEnd());
      }
    },
    { address },
  );
  await open(async (page) => assert.match(await page.locator("#panel-manifest").innerText(), /shop\/cart/), { address: `${url}#nonsense` });
});

test("what the page copies is a policy, values or a request with these settings", options, () =>
  open(
    async (page) => {
      await write(page, "manifest", DEPLOYMENT);
      await write(page, "settings", "action: warn\npolicies: {non-root: false}\n");
      const copied = async (form) => {
        await page.locator("#copy").selectOption(form);
        await page.getByText("Copied").waitFor();
        return page.evaluate(() => navigator.clipboard.readText());
      };
      assert.match(await copied("policy"), /kind: ClusterAdmissionPolicy\n[^]*settings:\n {4}action: warn\n {4}policies:\n {6}non-root: false\n/);
      assert.equal(await copied("values"), "settings:\n  action: warn\npolicies:\n  non-root:\n    enabled: false\n");
      assert.equal(JSON.parse(await copied("request")).kind.kind, "Deployment");
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  ),
);

test("a module that is dropped judges the same requests, and what is not one is named", options, () =>
  open(async (page) => {
    await write(page, "manifest", DEPLOYMENT);
    await page.locator("#module-box summary").click();
    const choose = (name, buffer) => page.locator("#file").setInputFiles({ name, mimeType: "application/wasm", buffer });
    await choose("mine.wasm", await readFile(new URL("../../dist/readonly-rootfs.wasm", import.meta.url)));
    await page.getByText("Deployment cart: rejects").waitFor();
    assert.match(await page.locator("#module .digest").textContent(), /^sha256:[0-9a-f]{64}$/);
    await choose("mine.wasm", Buffer.from("no"));
    await page.getByText("This is not a WebAssembly module.").waitFor();
    // A module whose only export is the function `_start`.
    const wasi = Buffer.from("0061736d010000000104016000000302010007" + "0a01065f737461727400000a040102000b", "hex");
    await choose("program.wasm", wasi);
    await page.getByText("This is a WASI policy").waitFor();
  }),
);

test("the page speaks Japanese", options, () =>
  open(async (page) => {
    await page.locator("#language").selectOption("ja");
    assert.equal(await page.locator("html").getAttribute("lang"), "ja");
    assert.match(await page.locator("#summary").textContent(), /クラスターは拒否します/);
  }),
);

test("an editor can be left by the keyboard, and tabs are reached by arrows", options, () =>
  open(async (page) => {
    await page.locator("#panel-manifest .cm-content").focus();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.closest(".cm-editor")), null);
    await page.locator("#tab-manifest").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.id), "tab-old");
  }),
);

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`nothing is hard to reach or to read, ${colorScheme}, at ${width} pixels`, options, () =>
      open(
        async (page) => {
          await page.locator("#findings details summary").first().click();
          await page.locator("#module-box summary").click();
          const { violations } = await new AxeBuilder({ page }).analyze();
          const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
          assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${overflow} pixels stand out at the right`);
          if (process.env.SCREENSHOTS) {
            await page.screenshot({ path: `${process.env.SCREENSHOTS}/${colorScheme}-${width}.png`, fullPage: true });
          }
        },
        { colorScheme, viewport: { width, height: 800 } },
      ),
    );
  }
}

test("the page is light beside the engine and the modules", options, async () => {
  let weight = 0;
  await open(async (page) => {
    const names = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    for (const name of [url, ...names.filter((one) => !one.endsWith(".wasm"))]) {
      weight += gzipSync(Buffer.from(await (await fetch(name)).arrayBuffer())).length;
    }
  });
  assert.ok(weight > 1000 && weight <= BUDGET, `${weight} bytes after gzip`);
});
