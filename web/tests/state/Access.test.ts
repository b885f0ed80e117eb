import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { authorization } from "../../src/api/authorization";
import { Access } from "../../src/state/Access";
import { stubStorage } from "../stubStorage";

const token = (expS: number) => `e30.${Buffer.from(JSON.stringify({ exp: expS })).toString("base64url")}.s`;

/** The page's address; the address bar shows what `replaceState` was given last. */
let address: URL;
let onHashChange: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  stubStorage("sessionStorage");
  vi.stubGlobal("location", {
    get href() {
      return address.href;
    },
  });
  vi.stubGlobal("history", {
    state: null,
    replaceState: (_state: null, _title: string, url: string) => {
      address = new URL(url);
    },
  });
  vi.stubGlobal("addEventListener", (_name: string, listener: () => void) => {
    onHashChange = listener;
  });
  address = new URL("https://h/?room=a");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Object.assign(authorization, { token: "", onRefused: () => {} });
});

test("a token in the address is used, kept for the tab, and gone from the address bar", () => {
  address.hash = "access_token=t1";
  expect(new Access(() => {}).hasToken).toBe(true);
  expect(address.href).toBe("https://h/?room=a");
  authorization.token = "";
  new Access(() => {});
  expect(authorization.token).toBe("t1");
});

test("a refusal asks for a token, the second time for another; what is given is used", () => {
  const onGiven = vi.fn();
  const access = new Access(onGiven);
  authorization.onRefused();
  expect(access.asked.value).toBe("first");
  access.give("t1");
  expect([access.asked.value, authorization.token]).toEqual(["no", "t1"]);
  expect(onGiven).toHaveBeenCalledOnce();
  authorization.onRefused();
  expect(access.asked.value).toBe("another");
});

test("a link that is opened in the same tab brings its token", () => {
  const access = new Access(() => {});
  address.hash = "access_token=t2";
  onHashChange();
  expect(authorization.token).toBe("t2");
  expect(access.asked.value).toBe("no");
});

test("the end of a token is announced five minutes before", () => {
  const endS = Date.now() / 1000 + 600;
  const access = new Access(() => {});
  access.give(token(endS));
  vi.advanceTimersByTime(299_000);
  expect(access.endsAt.value).toBeNull();
  vi.advanceTimersByTime(2000);
  expect(access.endsAt.value).toBe(endS * 1000);
  access.give(token(endS + 3600));
  expect(access.endsAt.value).toBeNull();
});
