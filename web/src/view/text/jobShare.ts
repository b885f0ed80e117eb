import type { Job } from "mocast-client";

/** How much of a job's present step is done, 0 to 1; `null`: nobody knows. */
export function jobShare({ state, size, received, progress }: Job): number | null {
  if (state === "uploading") return size ? received / size : null;
  if (state === "running") return progress?.of ? Math.min(progress.frames / progress.of, 1) : null;
  return state === "waiting" ? 0 : 1;
}
