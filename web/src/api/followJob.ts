import { type Job, MocastError } from "mocast-client";
import { ownServer } from "./ownServer";
import { ServerSentEvents } from "./ServerSentEvents";

const RETRY_MS = 2000;

/**
 * Call `onState` with a job's state whenever it changes, until it has ended or is deleted; a lost connection is made
 * again. By `fetch`, as the browser's own reader of such events can send no token. Rejects where it is refused.
 */
export async function followJob(id: string, onState: (job: Job) => void, signal: AbortSignal): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = last ? { "Last-Event-ID": last } : {};
      const answer = await ownServer.request(`v1/jobs/${id}/events`, { headers, signal });
      if (answer.status === 204 || !answer.body) return;
      const events = new ServerSentEvents();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        for (const event of events.push(read.value)) {
          if (event.event !== "job") return;
          last = event.id;
          const job = JSON.parse(event.data) as Job;
          onState(job);
          if (job.state === "done" || job.state === "failed") return;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof MocastError && error.kind !== "unreachable") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
