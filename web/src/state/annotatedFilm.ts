import type { VideoJob } from "./VideoJobs";

/** The name of the annotated video among a job's results; empty: none was made. */
export function annotatedFilm({ results }: VideoJob["job"]): string {
  return results.find(({ name }) => name.endsWith(".mp4"))?.name ?? "";
}
