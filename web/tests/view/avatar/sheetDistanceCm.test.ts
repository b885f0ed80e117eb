import { expect, test } from "vitest";
import { sheetDistanceCm } from "../../../src/view/avatar/sheetDistanceCm";

test("a sheet fills the picture of a wide camera from nearer", () => {
  // 90° show twice as much as the picture is far.
  expect(sheetDistanceCm(90)).toBeCloseTo(29.7 / 2);
  // docs/avatars.md: 60° show as much as it is far, times 1.15.
  expect(29.7 / sheetDistanceCm(60)).toBeCloseTo(1.155, 3);
});
