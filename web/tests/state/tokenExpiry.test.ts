import { expect, test } from "vitest";
import { tokenExpiry } from "../../src/state/tokenExpiry";

const token = (claims: object) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

test("a JSON Web Token says when it expires", () => {
  expect(tokenExpiry(token({ sub: "ünïcode?>", exp: 1_800_000_000 }))).toBe(1_800_000_000_000);
});

test.each([token({ sub: "a" }), token({ exp: "soon" }), "secret", "a.b.c", ""])("%s does not", (text) => {
  expect(tokenExpiry(text)).toBeNull();
});
