import type { Method, OpenApi, Operation, Parameter } from "./OpenApi";
import { resolve } from "./resolve";

export interface Call {
  readonly method: Method;
  readonly path: string;
  readonly operation: Operation;
  /** Those of the path, then its own. */
  readonly parameters: readonly Parameter[];
}

export interface Group {
  readonly name: string;
  readonly description: string;
  readonly calls: readonly Call[];
}

const METHODS: readonly Method[] = ["get", "post", "put", "patch", "delete", "options"];

/** Returns the document's calls under its tags, in its order. */
export function groupByTag(document: OpenApi): readonly Group[] {
  const calls = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      return [{ method, path, operation, parameters: parameters.map((one) => resolve(document, one)) }];
    }),
  );
  return document.tags.map((tag) => ({
    ...tag,
    calls: calls.filter((call) => call.operation.tags[0] === tag.name),
  }));
}
