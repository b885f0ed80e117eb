/** How the package's one ES module is built; its types are made of those that `tsc` declares, by `scripts/pack.js`. */
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "mocast-client.js" },
    // Vite keeps the white space of a library, which a page without a bundler would fetch. What is marked as pure without need
    // are constructors of the language, which bundlers know.
    rolldownOptions: { output: { minify: true, comments: { annotation: false } } },
  },
});
