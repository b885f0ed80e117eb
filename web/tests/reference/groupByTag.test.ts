import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { bounds } from "../../src/reference/bounds";
import { groupByTag } from "../../src/reference/groupByTag";
import type { OpenApi } from "../../src/reference/OpenApi";
import { resolve } from "../../src/reference/resolve";

const source = readFileSync(new URL("../../../docs/openapi.yaml", import.meta.url), "utf-8");
const description = parse(source) as OpenApi;

test("every call of the server's description is in one group", () => {
  const shown = groupByTag(description).flatMap((group) => group.calls);
  const written = source.match(/operationId: \w+/g) ?? [];
  expect(written.length).toBeGreaterThan(20);
  expect(shown.map((call) => `operationId: ${call.operation.operationId}`).sort()).toEqual(written.sort());
});

test("parameters of a path come before those of the call, with what they refer to", () => {
  const calls = groupByTag(description).flatMap((group) => group.calls);
  const publish = calls.find((call) => call.operation.operationId === "publish");
  const names = publish?.parameters.map((one) => one.name) ?? [];
  expect(names.slice(0, 2)).toEqual(["room", "tracker"]);
});

test("a reference is followed to what it names", () => {
  expect(resolve(description, { $ref: "#/components/parameters/Room" })).toMatchObject({ name: "room" });
});

test("bounds and defaults are told in words", () => {
  expect(bounds({ type: "number", minimum: 0, maximum: 1, default: 0.5 })).toBe("0 to 1, default 0.5");
  expect(bounds({ type: "array", maxItems: 4, default: ["a", "b"] })).toBe("at most 4 items, default a,b");
  expect(bounds({ type: "string" })).toBe("");
});
