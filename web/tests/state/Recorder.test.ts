import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Recorder } from "../../src/state/Recorder";
import { stubStorage } from "../stubStorage";

/** The server's recordings, as far as the page asks for them. */
let recordings: Map<string, { state: string; seconds: number; size: number }>;
let isAway: boolean;

async function fetchFake(url: string, { method = "GET" }: RequestInit = {}): Promise<Response> {
  if (isAway) throw new TypeError("Failed to fetch");
  if (method === "POST" && url === "v1/rooms/mine/recordings") {
    if ([...recordings.values()].some(({ state }) => state === "recording"))
      return Response.json({ detail: "the room is being recorded already" }, { status: 409 });
    const id = `take${recordings.size + 1}`;
    recordings.set(id, { state: "recording", seconds: 0, size: 0 });
    const answer = new Response("{}", { status: 201, headers: { Location: `../../recordings/${id}` } });
    return Object.defineProperty(answer, "url", { value: `https://host/${url}` });
  }
  const [, id, action] = /^\/v1\/recordings\/(\w+)(\/stop)?$/.exec(url) ?? [];
  const recording = recordings.get(id);
  if (!recording) return Response.json({ detail: "no such recording" }, { status: 404 });
  if (method === "DELETE") {
    recordings.delete(id);
    return new Response(null, { status: 204 });
  }
  if (action) recording.state = "done";
  return Response.json({ id, frames: 1, ...recording });
}

beforeEach(() => {
  vi.useFakeTimers();
  recordings = new Map();
  stubStorage();
  isAway = false;
  vi.stubGlobal("fetch", fetchFake);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a recording runs with its time until it is stopped, and is there after a reload", async () => {
  const recorder = new Recorder("mine");
  await recorder.start();
  recordings.get("take1")!.seconds = 3.2;
  await vi.advanceTimersByTimeAsync(1000);
  expect(recorder.running).toMatchObject({ url: "/v1/recordings/take1", seconds: 3.2 });
  await recorder.stop();
  expect(recorder.running).toBeNull();

  const again = new Recorder("mine");
  await again.open();
  expect(again.takes.value).toMatchObject([{ url: "/v1/recordings/take1", isRunning: false, seconds: 3.2 }]);
});

test("a recording that the server ended by itself is not running any more", async () => {
  const recorder = new Recorder("mine");
  await recorder.start();
  recordings.get("take1")!.state = "ended";
  await vi.advanceTimersByTimeAsync(1000);
  expect(recorder.running).toBeNull();
  expect(recorder.takes.value).toHaveLength(1);
});

test("recordings that the server has deleted are left out; while it does not answer they stay", async () => {
  const recorder = new Recorder("mine");
  await recorder.start();
  await recorder.stop();
  await recorder.start();
  await recorder.stop();
  recordings.delete("take1");
  const second = new Recorder("mine");
  await second.open();
  expect(second.takes.value.map(({ url }) => url)).toEqual(["/v1/recordings/take2"]);
  isAway = true;
  const third = new Recorder("mine");
  await third.open();
  expect(third.takes.value).toHaveLength(1);
});

test("a deleted recording is gone on the server, too", async () => {
  const recorder = new Recorder("mine");
  await recorder.start();
  await recorder.stop();
  await recorder.remove(recorder.takes.value[0]);
  expect(recorder.takes.value).toEqual([]);
  expect(recordings.size).toBe(0);
});

test("a refusal gives the server's reason", async () => {
  await new Recorder("mine").start();
  const recorder = new Recorder("mine");
  await recorder.start();
  expect(recorder.failure.value?.detail).toBe("the room is being recorded already");
  expect(recorder.takes.value).toEqual([]);
});

test("a download has the server's name, and what prevents it is told", async () => {
  const recorder = new Recorder("mine");
  await recorder.start();
  await recorder.stop();
  const [take] = recorder.takes.value;
  vi.stubGlobal("fetch", async (url: string) => {
    if (url !== "/v1/recordings/take1.bvh") return Response.json({ detail: "not yours" }, { status: 404 });
    const headers = { "Content-Disposition": 'attachment; filename="mine.bvh"' };
    return new Response("HIERARCHY", { headers });
  });
  const file = await recorder.download(take, ".bvh");
  expect([file?.name, await file?.text()]).toEqual(["mine.bvh", "HIERARCHY"]);
  expect(await recorder.download(take, ".vrma")).toBeNull();
  expect(recorder.failure.value?.detail).toBe("not yours");
});

test("of a recording of several people the chosen one's motion is had, and all of them as JSON lines", async () => {
  const recorder = new Recorder("mine", () => 2);
  await recorder.start();
  const [take] = recorder.takes.value;
  expect(recorder.addressOf(take, ".bvh")).toBe("/v1/recordings/take1.bvh");
  recorder.person.set(1);
  expect(recorder.addressOf(take, ".bvh")).toBe("/v1/recordings/take1.bvh?person=1");
  expect(recorder.addressOf(take, ".jsonl")).toBe("/v1/recordings/take1.jsonl");
  // Another one, in which there was nobody else.
  expect(recorder.addressOf({ ...take, people: undefined }, ".bvh")).toBe("/v1/recordings/take1.bvh");
});
