import type { Job } from "mocast-client";
import { expect, test } from "vitest";
import { jobShare } from "../../../src/view/text/jobShare";
import { jobText } from "../../../src/view/text/jobText";

const job = {
  state: "uploading",
  size: 200,
  received: 50,
  ahead: null,
  progress: null,
  reason: "",
} as unknown as Job;
const progress = { frames: 30, of: 120, fps: 24.6, left_s: 65 };

test.each<[Partial<Job>, string, number | null]>([
  [{}, "Sending, 25 %", 0.25],
  [{ size: null }, "Sending", null],
  [{ state: "waiting", ahead: 0 }, "Waiting", 0],
  [{ state: "waiting", ahead: 3 }, "Waiting behind 3", 0],
  [{ state: "running" }, "Starting", null],
  [{ state: "running", progress }, "Frame 30 of 120, 25 a second, 1:05 left", 0.25],
  [{ state: "running", progress: { ...progress, of: null, left_s: null } }, "Frame 30, 25 a second", null],
  [{ state: "done" }, "Done", 1],
  [{ state: "failed", reason: "It holds no video." }, "It holds no video.", 1],
])("%j is told as %s", (change, text, share) => {
  expect(jobText({ ...job, ...change })).toBe(text);
  expect(jobShare({ ...job, ...change })).toBe(share);
});
