import type { Job } from "mocast-client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { defaultSettings } from "../../src/state/defaultSettings";
import { VideoJobs } from "../../src/state/VideoJobs";
import { until } from "../until";

/** The server's jobs, by id; what is asked of it. */
let jobs: Map<string, Job>;
let asked: string[];

function made(id: string, change: Partial<Job>): Job {
  const results = change.state === "done" ? [{ name: "wave.mp4", size: 3 }] : [];
  return { id, name: "wave.mp4", size: 3, received: 0, results, reason: "", ...change } as Job;
}

async function fetchFake(url: string, init: RequestInit = {}): Promise<Response> {
  const { method = "GET" } = init;
  asked.push(`${method} ${url}`);
  const [, id, action] = /^v1\/jobs\/(\w+)(\/events)?/.exec(url) ?? [];
  if (method === "POST") {
    jobs.set("new", made("new", { state: "uploading" }));
    return Response.json(jobs.get("new"), { status: 201 });
  }
  if (!id) return Response.json({ jobs: [...jobs.values()] });
  const job = jobs.get(id);
  if (!job) return Response.json({ title: "Not found", detail: "There is no such job." }, { status: 404 });
  if (method === "DELETE") jobs.delete(id);
  if (method === "PATCH") return new Response(null, { status: 204, headers: { "Upload-Offset": "3" } });
  if (!action) return new Response(null, { status: 204 });
  const states = ["running", "done"].map((state) => made(id, { state: state as Job["state"] }));
  const lines = states.map((state, at) => `id: ${at}\nevent: job\ndata: ${JSON.stringify(state)}\n\n`);
  return new Response(lines.join(""), { headers: { "Content-Type": "text/event-stream" } });
}

beforeEach(() => {
  jobs = new Map();
  asked = [];
  vi.stubGlobal("fetch", fetchFake);
});
afterEach(() => vi.unstubAllGlobals());

test("a video is sent with its options, and followed until it is done", async () => {
  const videos = new VideoJobs();
  const file = new File(["abc"], "wave.mp4");
  await videos.add(file, { ...defaultSettings, tracker: "pose" }, { formats: ["mp4", "vrma"], isBest: true });
  expect(videos.failure.value).toBeNull();
  expect(videos.videos.value).toMatchObject([{ file, failure: null, job: { id: "new", state: "done" } }]);
  expect(asked[0]).toContain("tracker=pose");
  expect(asked[0]).toContain("quality=best");
  expect(decodeURIComponent(asked[0])).toContain("formats=mp4,vrma");
  expect(asked[0]).not.toContain("pace");
  expect(asked.slice(1)).toEqual(["PATCH v1/jobs/new", "GET v1/jobs/new/events"]);
});

test("what was sent before is there again, and what has not ended is followed", async () => {
  jobs.set("b", made("b", { state: "running" }));
  jobs.set("a", made("a", { state: "done" }));
  const videos = new VideoJobs();
  await videos.open();
  await until(() => expect(videos.videos.value.map(({ job }) => job.state)).toEqual(["done", "done"]));
  expect(asked).toEqual(["GET v1/jobs", "GET v1/jobs/b/events"]);
  await videos.remove("a");
  expect(videos.videos.value.map(({ job }) => job.id)).toEqual(["b"]);
  expect([...jobs.keys()]).toEqual(["b"]);
});

test("one that the server has forgotten already is gone here, too", async () => {
  jobs.set("a", made("a", { state: "done" }));
  const videos = new VideoJobs();
  await videos.open();
  jobs.clear();
  await videos.remove("a");
  expect([videos.videos.value, videos.failure.value]).toEqual([[], null]);
});

test("a video that is sent while the list is on its way is in it once", async () => {
  let [created, listed] = [() => {}, () => {}];
  const isCreated = new Promise<void>((resolve) => {
    created = resolve;
  });
  const isListed = new Promise<void>((resolve) => {
    listed = resolve;
  });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const answer = await fetchFake(url, init);
    if (init.method === "POST") await isCreated;
    else if (url === "v1/jobs" && asked.length === 1) await isListed;
    return answer;
  });
  const videos = new VideoJobs();
  const ids = () => videos.videos.value.map(({ job }) => job.id);
  const empty = videos.open(); // made before the video was there, and comes last
  const adding = videos.add(new File(["abc"], "wave.mp4"), defaultSettings, { formats: [], isBest: false });
  await until(() => expect(jobs.size).toBe(1));
  await videos.open(); // has it before its sender does
  expect(ids()).toEqual(["new"]);
  created();
  await until(() => expect(videos.videos.value[0].file).not.toBeNull());
  expect(ids()).toEqual(["new"]);
  listed();
  await Promise.all([empty, adding]);
  expect(ids()).toEqual(["new"]);
});
