/** Completes `dist/`: all types in one file, and the licence. Fails where the module is larger than promised, or has a dependency. */
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { declarations } from "./declarations.js";

const LIMIT_BYTES = 15_000;

const at = (path) => new URL(`../${path}`, import.meta.url);

const types = declarations(at("build/index.d.ts")).map(
  ({ comment, code, isExported }) =>
    `${comment}${isExported ? "export " : ""}${/^(interface|type)/.test(code) ? "" : "declare "}${code}`,
);
// Without the last line, all of them would be exported.
writeFileSync(at("dist/mocast-client.d.ts"), `${types.join("")}export {};\n`);
// As a project with Node's own rules for modules reads them.
const rules = "--ignoreConfig --noEmit --strict --target es2022 --module nodenext --lib es2022,dom".split(
  " ",
);
execFileSync("tsc", [...rules, fileURLToPath(at("dist/mocast-client.d.ts"))], { stdio: "inherit" });
copyFileSync(at("../../../LICENSE"), at("dist/LICENSE"));
const module = readFileSync(at("dist/mocast-client.js"));
const size = gzipSync(module, { level: 9 }).length;
process.stdout.write(`mocast-client.js: ${module.length} bytes, ${size} gzipped (at most ${LIMIT_BYTES})\n`);
if (/^\s*import\b|\bfrom\s*["']/m.test(module.toString())) throw new Error("The client has a dependency.");
if (size > LIMIT_BYTES) throw new Error(`The client is larger than ${LIMIT_BYTES} bytes gzipped.`);
