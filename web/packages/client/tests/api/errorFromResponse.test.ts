import { expect, test } from "vitest";
import { errorFromResponse } from "../../src/api/errorFromResponse";

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
  expect(await errorFromResponse(problem(status))).toMatchObject({ kind, detail: "one sentence" });
});

test.each([
  [429, "too-many", "7", 7],
  [503, "server-full", "7", 7],
  [503, "server-full", new Date(Date.now() + 60_000).toUTCString(), 60],
  [503, "server-full", "soon", 5],
])("%i is %s, and says when to come back: %s", async (status, kind, retryAfter, seconds) => {
  const error = await errorFromResponse(problem(status, { "Retry-After": retryAfter }));
  expect(error.kind).toBe(kind);
  expect(Math.abs(error.retryAfterS - seconds)).toBeLessThan(2);
});

test("the whole problem comes along, with what is wrong with each option", async () => {
  const errors = [{ detail: "Input should be less than or equal to 1.", parameter: "opacity" }];
  const problem = { type: "about:blank", title: "T", status: 422, detail: "one sentence", errors };
  expect((await errorFromResponse(Response.json(problem, { status: 422 }))).problem).toEqual(problem);
});

test("an answer that is no problem document has a kind nevertheless", async () => {
  const answer = new Response("<html>bad gateway</html>", { status: 502, statusText: "Bad Gateway" });
  expect(await errorFromResponse(answer)).toMatchObject({
    kind: "unreachable",
    detail: "Bad Gateway",
    status: 502,
    problem: null,
  });
});
