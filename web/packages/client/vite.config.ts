/** How the package's one ES module is built; its types are made of those that `tsc` declares, by `scripts/pack.js`. */
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "mocast-client.js" },
  },
});
