import { readFileSync } from "node:fs";

const IMPORT = /^import (?:type )?\{([^}]*)\} from "([^"]+)";\n/gm;
const REEXPORT = /^export (?:type )?\{([^}]*)\} from "([^"]+)";\n/gm;
/** A declaration with its comment: from the start of a line to the next one that starts there. */
const DECLARATION =
  /^(\/\*\*(?:[^*]|\*(?!\/))*\*\/\n)?(?:export )?((?:declare )?(?:abstract )?(?:interface|type|class|function|const) (\w+).*\n(?:(?![\w/]).*\n)*)/gm;
const PRIVATE = /^ {4}(?:\/\*\*(?:[^*]|\*(?!\/))*\*\/\n {4})?private .*\n/gm;

/**
 * The declarations that a module exports, in its order, each behind those that it needs: `name`, `comment`, `code`,
 * `isExported`. A type of the same name in two files would be one too many; what is not needed is left out.
 */
export function declarations(index) {
  const files = new Map();
  const found = [];
  for (const [, names, path] of readFileSync(index, "utf8").matchAll(REEXPORT)) {
    const file = load(new URL(`${path}.d.ts`, index), files);
    for (const name of named(names)) collect(file, name, files, found);
  }
  const exported = new Set(
    [...readFileSync(index, "utf8").matchAll(REEXPORT)].flatMap(([, names]) => named(names)),
  );
  return found.map((one) => ({ ...one, isExported: exported.has(one.name) }));
}

/** A file's declarations by name, and the file that each name comes from which it imports. */
function load(url, files) {
  const known = files.get(url.href);
  if (known) return known;
  const text = readFileSync(url, "utf8");
  const file = { declared: new Map(), imported: new Map() };
  files.set(url.href, file);
  for (const [, names, path] of text.matchAll(IMPORT))
    for (const name of named(names)) file.imported.set(name, new URL(`${path}.d.ts`, url));
  for (const [, comment = "", code, name] of text.matchAll(DECLARATION))
    file.declared.set(name, { name, comment, code: code.replace(PRIVATE, "").replace(/^declare /, "") });
  return file;
}

/** Add a name's declaration and, before it, those that it names, each once. */
function collect(file, name, files, found) {
  const declaration = file.declared.get(name);
  if (!declaration) {
    if (file.imported.has(name)) collect(load(file.imported.get(name), files), name, files, found);
    return;
  }
  if (declaration.isFound) return;
  declaration.isFound = true;
  const words = declaration.code.replace(/\/\*\*[\s\S]*?\*\//g, "").match(/\w+/g) ?? [];
  for (const word of words) collect(file, word, files, found);
  found.push(declaration);
}

function named(names) {
  return names.replaceAll(/\btype\b/g, "").match(/\w+/g) ?? [];
}
