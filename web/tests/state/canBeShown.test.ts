import { expect, test } from "vitest";
import { canBeShown } from "../../src/state/canBeShown";
import type { VideoJob } from "../../src/state/VideoJobs";

const video = (results: string[], file: File | null = null, state = "done") =>
  ({
    job: { state, results: results.map((name) => ({ name, size: 1 })) },
    file,
    failure: null,
  }) as unknown as VideoJob;

test("of a job that made no video there is nothing to see, but where this page has the one that it sent", () => {
  expect(canBeShown(video(["dance.mp4", "dance.jsonl"]))).toBe(true);
  expect(canBeShown(video(["dance.jsonl"]))).toBe(false);
  expect(canBeShown(video(["dance.jsonl"], new File([], "dance.mov")))).toBe(true);
  expect(canBeShown(video(["dance.mp4"], null, "running"))).toBe(false);
});
