import { type Job, MocastError } from "mocast-client";
import { ownServer } from "./ownServer";

/** What a lost connection costs at most. */
const PIECE_BYTES = 4 * 2 ** 20;
const TUS = { "Tus-Resumable": "1.0.0" };
/** Attempts in a row, the last of which comes half a minute after the first. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
/** Too slow, at another place than we thought, too much at a time. */
const PASSING = new Set([408, 409, 429, 503]);

/** Make a job of a video: its place on the server, before anything of it was sent. `query`: the options. */
export async function createJob(video: File, query: string, signal: AbortSignal): Promise<Job> {
  const name = btoa(String.fromCharCode(...new TextEncoder().encode(video.name.slice(-128))));
  const headers = { ...TUS, "Upload-Length": String(video.size), "Upload-Metadata": `filename ${name}` };
  const answer = await ownServer.request(`v1/jobs?${query}`, { method: "POST", headers, signal });
  return answer.json();
}

/**
 * Send a job's video by tus 1.0.0, in pieces; a piece that was lost is sent again from where the server is. `onProgress`
 * is told how many bytes are there. Rejects with a `MocastError`.
 */
export async function uploadVideo(
  job: Job,
  video: File,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const path = `v1/jobs/${job.id}`;
  let offset = 0;
  let failed = 0;
  while (offset < video.size) {
    try {
      if (failed > 0)
        offset = offsetOf(await ownServer.request(path, { method: "HEAD", headers: TUS, signal }));
      const headers = {
        ...TUS,
        "Upload-Offset": String(offset),
        "Content-Type": "application/offset+octet-stream",
      };
      const body = video.slice(offset, offset + PIECE_BYTES);
      if (body.size > 0)
        offset = offsetOf(await ownServer.request(path, { method: "PATCH", headers, body, signal }));
      failed = 0;
    } catch (error) {
      failed += 1;
      if (!(error instanceof MocastError) || failed >= ATTEMPTS || !isPassing(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** failed));
    }
    onProgress(offset);
  }
}

function offsetOf(answer: Response): number {
  return Number(answer.headers.get("Upload-Offset"));
}

function isPassing(error: MocastError): boolean {
  return error.kind === "unreachable" || PASSING.has(error.status);
}
