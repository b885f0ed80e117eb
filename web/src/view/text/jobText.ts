import type { Job } from "mocast-client";
import { clockText } from "./clockText";

/** How far a job is, in a few words. */
export function jobText({ state, size, received, ahead, progress, reason }: Job): string {
  switch (state) {
    case "uploading":
      return size ? `Sending, ${Math.floor((100 * received) / size)} %` : "Sending";
    case "waiting":
      return ahead ? `Waiting behind ${ahead}` : "Waiting";
    case "running": {
      if (!progress) return "Starting";
      const of = progress.of ? ` of ${progress.of}` : "";
      const left = progress.left_s === null ? "" : `, ${clockText(progress.left_s)} left`;
      return `Frame ${progress.frames}${of}, ${Math.round(progress.fps)} a second${left}`;
    }
    case "done":
      return "Done";
    case "failed":
      return reason;
  }
}
