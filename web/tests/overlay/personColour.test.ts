import { overlayColours } from "mocast-client";
import { expect, test } from "vitest";
import { personColour } from "../../src/overlay/personColour";

test("the first person has the palette's colours, and everybody its dark outlines", () => {
  expect(personColour(overlayColours.leftArm, 0)).toBe(overlayColours.leftArm);
  expect(personColour(overlayColours.shade, 2)).toBe(overlayColours.shade);
});

test("others' colours are mixed as the server mixes them", () => {
  // 255 * 45 + 240 * 55 = 24675, 176 * 45 + 100 * 55 = 13420, 32 * 45 + 200 * 55 = 12440; rounded to hundreds.
  expect(personColour(0xffb020, 1)).toBe((247 << 16) | (134 << 8) | 124);
});
