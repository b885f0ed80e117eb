import { expect, test } from "vitest";
import { parseIceLinks } from "../../src/rtc/parseIceLinks";

test("servers with and without credentials, in one joined header", () => {
  const header =
    '<stun:host:3478>; rel="ice-server", ' +
    '<turn:host:3478?transport=udp>; rel="ice-server"; username="1700000000:a,b;c"; ' +
    'credential="x\\"y=="; credential-type="password"';
  expect(parseIceLinks(header)).toEqual([
    { urls: "stun:host:3478" },
    { urls: "turn:host:3478?transport=udp", username: "1700000000:a,b;c", credential: 'x"y==' },
  ]);
});

test("links of other kinds are left out", () => {
  expect(parseIceLinks('</docs>; rel="help", <turn:h>; rel=ice-server; username=u; credential=p')).toEqual([
    { urls: "turn:h", username: "u", credential: "p" },
  ]);
});

test.each([null, "", "nonsense", "<turn:h"])("%j holds none", (header) => {
  expect(parseIceLinks(header)).toEqual([]);
});
