import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  resolve: {
    alias: { "seaworthy-policies": fileURLToPath(new URL("../dist/npm/index.js", import.meta.url)) },
  },
  build: {
    target: "es2022",
    outDir: "../dist/playground",
    emptyOutDir: true,
    // The engine is a file of its own, so that a browser compiles it while it loads.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
