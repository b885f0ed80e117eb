/** How the page is built: into the server's package, which serves it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { parse } from "yaml";

const server = process.env.MOCAST_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  // Relative, so that the page works behind any path prefix of a proxy.
  base: "./",
  // From its source, so that a build of the page needs no build of the client before it.
  resolve: {
    alias: { "mocast-client": fileURLToPath(new URL("packages/client/src/index.ts", import.meta.url)) },
  },
  plugins: [openApiFiles()],
  build: {
    outDir: "../server/mocast/web",
    emptyOutDir: true,
    target: "es2022",
    // The server's Content-Security-Policy allows no data: addresses for scripts and styles.
    assetsInlineLimit: 0,
    // Browsers that do not know it load the same a little later.
    modulePreload: { polyfill: false },
    // The licences of what is bundled, which ask to go with it.
    license: { fileName: "licenses.md" },
    rolldownOptions: { input: ["index.html", "avatar.html", "docs.html"] },
    // three alone is larger than Vite's default limit; it is in a chunk of its own, loaded after the page is up.
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: { "/v1": server, "/healthz": server, "/readyz": server, "/openapi": server } },
  // The time limit is for a hang: on a busy machine, what takes milliseconds may take seconds.
  test: {
    include: ["tests/**/*.test.ts", "packages/*/tests/**/*.test.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

/** The server's description of its API beside the page: as it is written, and as JSON. */
function openApiFiles(): Plugin {
  const source = readFileSync(new URL("../docs/openapi.yaml", import.meta.url), "utf-8");
  return {
    name: "openapi-files",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "openapi.yaml", source });
      this.emitFile({ type: "asset", fileName: "openapi.json", source: JSON.stringify(parse(source)) });
    },
  };
}
