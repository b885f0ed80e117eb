import { expect, test } from "vitest";
import { parsePageQuery } from "../../src/state/parsePageQuery";

const parse = (query: string) => parsePageQuery(new URLSearchParams(query));

test("an address without a query says nothing", () => {
  expect(parse("")).toEqual({ room: null, part: undefined, drawer: null, relayOnly: false, problems: [] });
});

test("everything that an address may say", () => {
  expect(parse("room=studio&part=face&draw=server&relay=1&access_token=t")).toEqual({
    room: "studio",
    part: "face",
    drawer: "server",
    relayOnly: true,
    problems: [],
  });
});

test.each(["room=my room", "room=K%C3%BCche", "room=.", "part=fac", "draw=me", "relay=yes", "tracker=pose"])(
  "%s is refused with a reason, and the rest goes on",
  (query) => {
    const { problems, ...options } = parse(query);
    expect(problems).toHaveLength(1);
    expect({ ...options, problems: [] }).toEqual(parse(""));
  },
);

test("the older name of an option does, and is not told of", () => {
  expect(parse("return=video")).toEqual({ ...parse(""), drawer: "server" });
  expect(parse("view=1").problems).toEqual([
    "This page has no option “view”: there are room, part, draw, relay.",
  ]);
});
