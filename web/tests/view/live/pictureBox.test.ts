import { expect, test } from "vitest";
import { pictureBox } from "../../../src/view/live/pictureBox";

test("bars are at the sides, or above and below", () => {
  const picture = { width: 640, height: 480 };
  expect(pictureBox({ width: 1000, height: 480 }, picture)).toEqual({
    left: 180,
    top: 0,
    width: 640,
    height: 480,
  });
  expect(pictureBox({ width: 320, height: 480 }, picture)).toEqual({
    left: 0,
    top: 120,
    width: 320,
    height: 240,
  });
});
