import { expect, test } from "vitest";
import { frameToJson } from "../../src/wire/frameToJson";
import { parseJsonFrame } from "../../src/wire/parseJsonFrame";
import { golden } from "./golden";

/** Not this one: its numbers lie beyond what the binary format can hold, and so beyond float32's steps of 1e-5. */
const names = golden.textNames.filter((name) => name !== "landmarks-edges");

test.each(names)("%s: what is parsed is described in the same words", (name) => {
  const text = golden.text(name);
  expect(frameToJson(parseJsonFrame(text)!)).toEqual(JSON.parse(text));
});

test("another version is refused", () => {
  expect(parseJsonFrame('{"version": 2}')).toBeNull();
});

test("a landmark that was lost is described as null", () => {
  const frame = parseJsonFrame(golden.text("landmarks-pose"))!;
  frame.pose!.image.fill(Number.NaN, 3, 6);
  expect((frameToJson(frame).pose as { image: unknown[] }).image.slice(0, 3)).toEqual([
    expect.any(Array),
    null,
    expect.any(Array),
  ]);
});
