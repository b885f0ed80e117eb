import { expect, test } from "vitest";
import { FrameHistory } from "../../src/wire/FrameHistory";
import { parseJsonFrame } from "../../src/wire/parseJsonFrame";
import { golden } from "./golden";

const frame = parseJsonFrame(golden.text("landmarks-pose"))!;

test("a picture finds the landmarks of its own RTP timestamp", () => {
  const history = new FrameHistory();
  history.add({ ...frame, pts: 0xfffffff0 });
  history.add({ ...frame, pts: 3000 });
  expect(history.find(0xfffffff0 | 0)?.pts).toBe(0xfffffff0);
  expect(history.find(3001)).toBeNull();
  expect(history.latest?.pts).toBe(3000);
});

test("it is bounded, and the oldest goes first", () => {
  const history = new FrameHistory();
  for (let pts = 0; pts < 500; pts += 1) history.add({ ...frame, pts });
  expect(history.find(379)).toBeNull();
  expect(history.find(380)).not.toBeNull();
});
