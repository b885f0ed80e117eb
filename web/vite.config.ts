/** How the page is built: into the server's package, which serves it. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const server = process.env.MOCAST_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  // Relative, so that the page works behind any path prefix of a proxy.
  base: "./",
  // From its source, so that a build of the page needs no build of the client before it.
  resolve: {
    alias: { "mocast-client": fileURLToPath(new URL("packages/client/src/index.ts", import.meta.url)) },
  },
  build: {
    outDir: "../server/mocast/web",
    emptyOutDir: true,
    target: "es2022",
    // The server's Content-Security-Policy allows no data: addresses for scripts and styles.
    assetsInlineLimit: 0,
    rolldownOptions: { input: ["index.html", "avatar.html"] },
    // three alone is larger than Vite's default limit; it is in a chunk of its own, loaded after the page is up.
    chunkSizeWarningLimit: 800,
  },
  server: { proxy: { "/v1": server, "/healthz": server, "/readyz": server } },
  // The time limit is for a hang: on a busy machine, what takes milliseconds may take seconds.
  test: {
    include: ["tests/**/*.test.ts", "packages/*/tests/**/*.test.ts"],
    environment: "node",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
