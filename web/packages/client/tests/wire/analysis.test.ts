import { describe, expect, test } from "vitest";
import { analysisNames } from "../../src/model/generated";
import { parseAnalysis } from "../../src/wire/parseAnalysis";
import { golden } from "./golden";

type Table = Record<string, (number | boolean | null)[]> | null;

/** A table by columns, as a record for each name. */
const byName = (table: Table, names: readonly string[]) =>
  table &&
  Object.fromEntries(
    names.map((name, row) => [
      name,
      Object.fromEntries(Object.entries(table).map(([key, column]) => [key, column[row]])),
    ]),
  );

/** Numbers to this step, as both forms are rounded each in its own way. */
const rounded = (value: unknown, step: number) =>
  JSON.parse(
    JSON.stringify(value, (_, item) =>
      typeof item === "number" ? Math.round(item / step) * step || 0 : item,
    ),
  );

describe.each(golden.analysisNames)("%s", (name) => {
  test("is read from its bytes as the server reads it", () => {
    const { angles, symmetry, others, ...header } = golden.decodedAnalysis(name);
    const expected = {
      ...header,
      angles: byName(angles, analysisNames.angles),
      symmetry: byName(symmetry, analysisNames.pairs),
      ...others,
    };
    expect(rounded(parseAnalysis(golden.messages(name)[0]), 0.01)).toEqual(rounded(expected, 0.01));
  });
});

// Not this one: its numbers lie beyond what the binary format can hold.
test.each(golden.analysisNames.filter((name) => name !== "analysis-edges"))(
  "%s: JSON says the same",
  (name) => {
    const read = parseAnalysis(golden.text(name))!;
    const bytes = parseAnalysis(golden.messages(name)[0])!;
    const { angles: _, symmetry, ...others } = read;
    expect(bytes).toMatchObject(others);
    expect(Object.keys(bytes.symmetry ?? {})).toEqual(Object.keys(symmetry ?? {}));
    for (const name of analysisNames.angles) {
      const [angle, other] = [read.angles?.[name], bytes.angles?.[name]];
      expect(other?.faces_camera).toBe(angle?.faces_camera);
      if (angle?.degrees == null) expect(other?.degrees ?? null).toBeNull();
      else expect(Math.abs(other!.degrees! - angle.degrees)).toBeLessThanOrEqual(0.06);
    }
  },
);

test("another version or type, and what is cut short, is not read", () => {
  const [message] = golden.messages("analysis-moving");
  const other = new Uint8Array(message.slice(0));
  other[0] = 2;
  expect(parseAnalysis(other.buffer)).toBeNull();
  for (const length of [0, 1, 15, 16, 100, message.byteLength - 1])
    expect(parseAnalysis(message.slice(0, length))).toBeNull();
  for (const text of ["", "null", "{", '{"type": "rig", "version": 1}', '{"type": "analysis", "version": 2}'])
    expect(parseAnalysis(text)).toBeNull();
});
