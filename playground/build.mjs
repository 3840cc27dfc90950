// Writes the npm package to dist/npm, from its sources and from what `cargo xtask web` wrote to dist/web.

import { spawnSync } from "node:child_process";
import { copyFile, cp, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const here = new URL("./", import.meta.url);
const web = new URL("../dist/web/", here);
const sources = new URL("../dist/npm-sources/", here);
const target = new URL("../dist/npm/", here);

if (!(await stat(new URL("engine_bg.wasm", web)).catch(() => undefined))) {
  console.error("error: dist/web/ holds no engine; run `cargo xtask web` first");
  process.exit(1);
}
for (const directory of [sources, target]) {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
}

// The sources: those of the package, the bindings, and what is generated of the schema and the catalogue.
await cp(new URL("npm/src/", here), sources, { recursive: true });
for (const file of ["npm/package.json", "npm/tsconfig.json"]) {
  await copyFile(new URL(file, here), new URL(file.slice("npm/".length), sources));
}
for (const file of ["engine.js", "engine.d.ts"]) {
  await copyFile(new URL(file, web), new URL(file, sources));
}
const schema = JSON.parse(await readFile(new URL("../cli/schema/report.schema.json", here), "utf8"));
const types = await compile({ ...schema, title: "Report", description: "A report." }, "Report", {
  bannerComment: "// Generated from cli/schema/report.schema.json.",
  additionalProperties: false,
});
await writeFile(new URL("report.ts", sources), types);
const catalogue = await readFile(new URL("catalogue.json", web), "utf8");
await writeFile(
  new URL("catalogue.ts", sources),
  `import type { Policy } from "./policy.js";\nexport type { Policy, Rule } from "./policy.js";\n\n` +
    `/** Every module, sorted by name. */\nexport const catalogue: readonly Policy[] = JSON.parse(${JSON.stringify(catalogue)});\n`,
);

// As a package: compiled, with the engine, the modules and the documents.
const compiler = fileURLToPath(new URL("node_modules/.bin/tsc", here));
const { status } = spawnSync(compiler, ["--project", fileURLToPath(sources)], {
  stdio: "inherit",
  env: { ...process.env },
});
if (status !== 0) process.exit(status ?? 1);
for (const file of ["engine.js", "engine.d.ts", "package.json"]) {
  await copyFile(new URL(file, sources), new URL(file, target));
}
await copyFile(new URL("engine_bg.wasm", web), new URL("engine_bg.wasm", target));
await cp(new URL("policies/", web), new URL("policies/", target), { recursive: true });
await copyFile(new URL("npm/README.md", here), new URL("README.md", target));
await copyFile(new URL("../LICENSE", here), new URL("LICENSE", target));
console.log(`dist/npm: ${(await readdir(target)).length} files, ${(await readdir(new URL("policies/", target))).length} modules`);
