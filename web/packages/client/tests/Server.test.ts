import { afterEach, expect, test, vi } from "vitest";
import { Server } from "../src/Server";

afterEach(() => vi.unstubAllGlobals());

/** A server that takes one token, and what it was sent. */
function stubServer(valid: string): [url: string, authorization: string | null][] {
  const sent: [string, string | null][] = [];
  vi.stubGlobal("fetch", async (url: string, { headers }: RequestInit) => {
    const authorization = new Headers(headers).get("Authorization");
    sent.push([url, authorization]);
    return new Response(null, { status: authorization === `Bearer ${valid}` ? 204 : 401 });
  });
  return sent;
}

test("the token travels in a header, beside what else is sent, and never in the address", async () => {
  const sent = stubServer("t");
  const server = new Server("https://h/prefix/", "t");
  expect((await server.fetch("v1/rooms", { headers: { "Content-Type": "a/b" } })).status).toBe(204);
  expect(sent).toEqual([["https://h/prefix/v1/rooms", "Bearer t"]]);
});

test("without an address, calls are relative to the page; a whole address stays as it is", async () => {
  const sent = stubServer("");
  await new Server().fetch("v1/rooms");
  await new Server("https://h").fetch("https://h/v1/sessions/1");
  expect(sent).toEqual([
    ["v1/rooms", null],
    ["https://h/v1/sessions/1", null],
  ]);
});

test("a refused token is told to who has another one, and that one is tried", async () => {
  const sent = stubServer("new");
  const asked: (string | null)[] = [];
  const server = new Server("", async (refused) => {
    asked.push(refused);
    return refused === null ? "old" : "new";
  });
  expect((await server.fetch("v1/rooms")).status).toBe(204);
  expect(asked).toEqual([null, "old"]);
  expect(sent.map(([, authorization]) => authorization)).toEqual(["Bearer old", "Bearer new"]);
});

test("whoever has ever new tokens is told of each refusal, but not asked for ever", async () => {
  const sent = stubServer("t");
  const asked: (string | null)[] = [];
  const server = new Server("", (refused) => {
    asked.push(refused);
    return `${asked.length}`;
  });
  expect((await server.fetch("v1/rooms")).status).toBe(401);
  expect(asked).toEqual([null, "1", "2"]);
  expect(sent).toHaveLength(2);
});

test("a refusal of the only token there is, or of none, is the answer", async () => {
  const sent = stubServer("t");
  expect((await new Server("", "other").fetch("v1/rooms")).status).toBe(401);
  expect((await new Server("", () => "").fetch("v1/rooms")).status).toBe(401);
  expect(sent).toHaveLength(2);
});

test("a call sends JSON, and rejects with what the server says is wrong", async () => {
  const problem = { type: "about:blank", title: "T", status: 422, detail: "One sentence." };
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (_: string, { method, body }: RequestInit) => {
    sent.push([method, body]);
    return Response.json(problem, { status: 422 });
  });
  const call = new Server().call("PUT", "v1/rooms/a/outputs", { outputs: [] });
  await expect(call).rejects.toMatchObject({ name: "MocastError", kind: "refused", problem });
  expect(sent).toEqual([["PUT", '{"outputs":[]}']]);
});

test("no answer is an error of its own; what the caller gave up is not", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(new Server().fetch("v1/rooms")).rejects.toMatchObject({ kind: "unreachable" });
  vi.stubGlobal("location", { origin: "https://app" });
  await expect(new Server("https://h").fetch("v1/rooms")).rejects.toMatchObject({
    detail: expect.stringMatching(/Failed to fetch.*allowed_origins does not name https:\/\/app/),
  });
  await expect(new Server("https://app/prefix").fetch("v1/rooms")).rejects.toMatchObject({
    detail: "TypeError: Failed to fetch",
  });
  const aborted = AbortSignal.abort();
  await expect(new Server().fetch("v1/rooms", { signal: aborted })).rejects.toBe(aborted.reason);
});
