import { expect, test } from "vitest";
import { failureFromResponse } from "../../src/api/failureFromResponse";

function problem(status: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ title: "T", status, detail: "one sentence" }), { status, headers });
}

test.each([
  [400, "refused"],
  [409, "room-taken"],
  [415, "refused"],
  [422, "refused"],
  [500, "unreachable"],
  [502, "unreachable"],
])("%i is %s, with the server's sentence", async (status, kind) => {
  expect(await failureFromResponse(problem(status))).toMatchObject({ kind, detail: "one sentence" });
});

test("503 says when to come back", async () => {
  expect(await failureFromResponse(problem(503, { "Retry-After": "7" }))).toMatchObject({
    kind: "server-full",
    retryAfterS: 7,
  });
});

test("an answer that is no problem document has a kind nevertheless", async () => {
  const answer = new Response("<html>bad gateway</html>", { status: 502, statusText: "Bad Gateway" });
  expect(await failureFromResponse(answer)).toMatchObject({ kind: "unreachable", detail: "Bad Gateway" });
});
