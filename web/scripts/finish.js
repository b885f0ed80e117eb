/**
 * Completes what `vite build` wrote for the server: the client, for pages and projects of others, and each file compressed,
 * so that nothing is compressed while it is served. Fails where the page's first load is larger than promised.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Of all that the page needs to be up, gzipped; the code for 3-D comes when it is asked for. */
const LIMIT_BYTES = 60_000;
const COMPRESSED = /\.(?:html|js|css|json|yaml)$/;

const WEB = new URL("../../server/mocast/web/", import.meta.url);
const PACKAGE = new URL("../packages/client/", import.meta.url);

addClient(new URL("client/", WEB));
compress();
checkFirstLoad();

/** Copy the module, for pages, and pack it with its types, as npm installs it from an address. */
function addClient(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(new URL("dist/mocast-client.js", PACKAGE), new URL("mocast-client.js", folder));
  const options = ["--ignore-scripts", "--json", "--pack-destination", fileURLToPath(folder)];
  const packed = execFileSync("npm", ["pack", fileURLToPath(PACKAGE), ...options], { encoding: "utf8" });
  renameSync(new URL(JSON.parse(packed)[0].filename, folder), new URL("mocast-client.tgz", folder));
}

function compress() {
  for (const name of readdirSync(WEB, { recursive: true })) {
    if (COMPRESSED.test(name))
      writeFileSync(new URL(`${name}.gz`, WEB), gzipSync(readFileSync(new URL(name, WEB)), { level: 9 }));
  }
}

function checkFirstLoad() {
  const html = readFileSync(new URL("index.html", WEB), "utf8");
  const names = [...html.matchAll(/(?:src|href)="(?:\.\/)?([^"]+)"/g)].map(([, name]) => name);
  const sizes = ["index.html", ...names].map(
    (name) => gzipSync(readFileSync(new URL(name, WEB)), { level: 9 }).length,
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  process.stdout.write(
    `The page's first load: ${sizes.length} files, ${total} bytes gzipped (at most ${LIMIT_BYTES})\n`,
  );
  if (total > LIMIT_BYTES)
    throw new Error(`The page's first load is larger than ${LIMIT_BYTES} bytes gzipped.`);
}
