import { expect, test } from "vitest";
import { failureFromResponse } from "../../src/api/failureFromResponse";

function problem(status: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ title: "T", status, detail: "one sentence" }), { status, headers });
}

test.each([
  [400, "refused"],
  [401, "token-needed"],
  [403, "not-allowed"],
  [409, "room-taken"],
  [415, "refused"],
  [422, "refused"],
  [500, "server-failed"],
  [502, "unreachable"],
])("%i is %s, with the server's sentence", async (status, kind) => {
  expect(await failureFromResponse(problem(status))).toMatchObject({ kind, detail: "one sentence" });
});

test.each([
  [429, "too-many", "7", 7],
  [503, "server-full", "7", 7],
  [503, "server-full", new Date(Date.now() + 60_000).toUTCString(), 60],
  [503, "server-full", "soon", 5],
])("%i is %s, and says when to come back: %s", async (status, kind, retryAfter, seconds) => {
  const failure = await failureFromResponse(problem(status, { "Retry-After": retryAfter }));
  expect(failure.kind).toBe(kind);
  expect(Math.abs(failure.retryAfterS - seconds)).toBeLessThan(2);
});

test("what is wrong with each option comes along", async () => {
  const errors = [{ detail: "Input should be less than or equal to 1.", parameter: "opacity" }];
  const answer = Response.json({ detail: "one sentence", errors }, { status: 422 });
  expect((await failureFromResponse(answer)).errors).toEqual(errors);
});

test("an answer that is no problem document has a kind nevertheless", async () => {
  const answer = new Response("<html>bad gateway</html>", { status: 502, statusText: "Bad Gateway" });
  expect(await failureFromResponse(answer)).toMatchObject({ kind: "unreachable", detail: "Bad Gateway" });
});
