import { afterEach, expect, test, vi } from "vitest";
import { authorization } from "../../src/api/authorization";
import { fetchFromServer } from "../../src/api/fetchFromServer";

afterEach(() => {
  vi.unstubAllGlobals();
  Object.assign(authorization, { token: "", onRefused: () => {} });
});

/** A server that takes one token, and what it was sent. */
function stubServer(valid: string): (string | null)[] {
  const sent: (string | null)[] = [];
  vi.stubGlobal("fetch", async (url: string, { headers }: RequestInit) => {
    expect(url).toBe("v1/rooms");
    sent.push(new Headers(headers).get("Authorization"));
    return new Response(null, { status: sent.at(-1) === `Bearer ${valid}` ? 204 : 401 });
  });
  return sent;
}

test("the token travels in a header, beside what else is sent, and never in the address", async () => {
  const sent = stubServer("t");
  authorization.token = "t";
  expect((await fetchFromServer("v1/rooms", { headers: { "Content-Type": "a/b" } })).status).toBe(204);
  expect(sent).toEqual(["Bearer t"]);
});

test("without a token there is no header, and the page hears that one is needed", async () => {
  const sent = stubServer("t");
  const onRefused = vi.fn();
  authorization.onRefused = onRefused;
  await fetchFromServer("v1/rooms");
  expect(sent).toEqual([null]);
  expect(onRefused).toHaveBeenCalledOnce();
});

test("a call that was refused with an earlier token is made again with the present one", async () => {
  const sent = stubServer("new");
  const onRefused = vi.fn();
  Object.assign(authorization, { token: "old", onRefused });
  const call = fetchFromServer("v1/rooms");
  authorization.token = "new";
  expect((await call).status).toBe(204);
  expect(sent).toEqual(["Bearer old", "Bearer new"]);
  expect(onRefused).not.toHaveBeenCalled();
});
