import type { OpenApi, Referable } from "./OpenApi";

/** Returns what a reference of the document refers to, or the thing itself. */
export function resolve<T extends object>(document: OpenApi, node: Referable<T>): T {
  if (!("$ref" in node) || typeof node.$ref !== "string") return node as T;
  let found: unknown = document;
  for (const name of node.$ref.replace("#/", "").split("/")) {
    found = (found as Record<string, unknown>)[name];
  }
  return resolve(document, found as Referable<T>);
}
