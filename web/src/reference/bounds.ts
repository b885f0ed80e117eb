import type { Schema } from "./OpenApi";

/** Returns a schema's bounds, pattern and default in words; empty where it has none. */
export function bounds(schema: Schema): string {
  const words: string[] = [];
  if (schema.minimum !== undefined || schema.maximum !== undefined) {
    words.push(range(schema.minimum, schema.maximum));
  }
  if (schema.minItems !== undefined || schema.maxItems !== undefined) {
    words.push(`${range(schema.minItems, schema.maxItems)} items`);
  }
  if (schema.pattern) words.push(schema.pattern);
  if (schema.format) words.push(schema.format);
  if (schema.default !== undefined) words.push(`default ${[schema.default].flat().map(String).join(",")}`);
  return words.join(", ");
}

function range(least: number | undefined, most: number | undefined): string {
  if (least === undefined) return `at most ${most}`;
  return most === undefined ? `at least ${least}` : `${least} to ${most}`;
}
