import { expect, test } from "vitest";
import { roomColour } from "../../src/state/roomColour";

/** A picture of a room with somebody of another colour before it. */
function picture(room: readonly number[], person: readonly number[]): number[] {
  return Array.from({ length: 12 * 16 }, (_, i) => {
    const [x, y] = [i % 16, Math.floor(i / 16)];
    return [...(x > 4 && x < 11 && y > 3 && y < 8 ? person : room), 255];
  }).flat();
}

test("the light has the hue of the room, not of who sits in it", () => {
  const [red, green, blue] = roomColour(picture([200, 120, 60], [0, 255, 0]), 16, 12);
  expect(red).toBe(1);
  expect(green).toBeLessThan(red);
  expect(blue).toBeLessThan(green);
});

test("a grey room gives white light, a dark one less of it, and a black one some", () => {
  expect(roomColour(picture([128, 128, 128], [0, 0, 0]), 16, 12)).toEqual([1, 1, 1]);
  const [dim] = roomColour(picture([70, 70, 70], [255, 255, 255]), 16, 12);
  expect(dim).toBeGreaterThan(0.5);
  expect(dim).toBeLessThan(0.7);
  const black = roomColour(picture([0, 0, 0], [0, 0, 0]), 16, 12);
  expect(black[0]).toBeCloseTo(0.4, 9);
});
