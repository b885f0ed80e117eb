import type { Job } from "mocast-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createJob, uploadVideo } from "../../src/api/uploadVideo";

const SIZE = 10 * 2 ** 20;
/** The bytes that a server of tus has, and the requests it was sent. */
let received: number;
let requests: string[];
/** How often the next PATCHes fail, and how many bytes of each arrive all the same. */
let failures: { times: number; bytes: number };

async function fetchFake(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  expect(headers.get("Tus-Resumable")).toBe("1.0.0");
  requests.push(`${init.method} ${headers.get("Upload-Offset") ?? ""}`.trim());
  if (init.method === "POST") {
    expect(atob(headers.get("Upload-Metadata")!.split(" ")[1])).toBe("wave.mp4");
    expect(url).toBe("v1/jobs?tracker=pose");
    return Response.json({ id: "j", size: Number(headers.get("Upload-Length")) }, { status: 201 });
  }
  if (init.method === "PATCH") {
    if (Number(headers.get("Upload-Offset")) !== received) return new Response(null, { status: 409 });
    if (failures.times-- > 0) {
      received += failures.bytes;
      throw new TypeError("Failed to fetch");
    }
    received += (init.body as Blob).size;
  }
  return new Response(null, { status: 200, headers: { "Upload-Offset": String(received) } });
}

beforeEach(() => {
  vi.useFakeTimers();
  received = 0;
  requests = [];
  failures = { times: 0, bytes: 0 };
  vi.stubGlobal("fetch", fetchFake);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const video = new File([new Uint8Array(SIZE)], "wave.mp4");

async function upload(): Promise<number[]> {
  const { signal } = new AbortController();
  const job: Job = await createJob(video, "tracker=pose", signal);
  const told: number[] = [];
  const done = uploadVideo(job, video, (bytes) => told.push(bytes), signal);
  await Promise.all([done, vi.advanceTimersByTimeAsync(60_000)]);
  return told;
}

test("a video is sent in pieces, and how much is there is told after each", async () => {
  expect(await upload()).toEqual([4 * 2 ** 20, 8 * 2 ** 20, SIZE]);
  expect(requests).toEqual(["POST", "PATCH 0", `PATCH ${4 * 2 ** 20}`, `PATCH ${8 * 2 ** 20}`]);
});

test("after a lost connection it goes on from where the server is", async () => {
  failures = { times: 2, bytes: 1000 };
  expect((await upload()).at(-1)).toBe(SIZE);
  expect(requests.slice(0, 6)).toEqual(["POST", "PATCH 0", "HEAD", "PATCH 1000", "HEAD", "PATCH 2000"]);
});

test("a server that stays away is given up", async () => {
  failures = { times: 100, bytes: 0 };
  await expect(upload()).rejects.toMatchObject({ kind: "unreachable" });
});
