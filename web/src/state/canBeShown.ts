import { annotatedFilm } from "./annotatedFilm";
import type { VideoJob } from "./VideoJobs";

/** Whether there is something to see of a video: the annotated one, or the video itself, where this page sent it. */
export function canBeShown({ job, file }: VideoJob): boolean {
  return job.state === "done" && (file !== null || annotatedFilm(job) !== "");
}
