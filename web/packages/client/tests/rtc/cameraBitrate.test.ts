import { expect, test } from "vitest";
import { cameraBitrate } from "../../src/rtc/cameraBitrate";

test("a picture gets bits for its pixels, but a large one no more than what is found in it needs", () => {
  expect(cameraBitrate({ width: 640, height: 480 })).toBe(2_000_000);
  expect(cameraBitrate({ width: 320, height: 240 })).toBe(500_000);
  expect(cameraBitrate({ width: 1280, height: 720 })).toBe(2_500_000);
});

test("a track whose size is not known yet is taken for 640x480", () => {
  expect(cameraBitrate({})).toBe(2_000_000);
});
