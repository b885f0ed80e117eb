import { expect, test } from "vitest";
import { parseViewerQuery } from "../../src/viewer/parseViewerQuery";

const COLOURS = ["#00b140", "#fff", "#ffffff", "green"];
const parse = (query: string) =>
  parseViewerQuery(new URLSearchParams(query), "https://mocast.test/avatar.html?x", (colour) =>
    COLOURS.includes(colour),
  );

test("without a query there is the bust on a transparent ground, not mirrored", () => {
  expect(parse("")).toEqual({
    room: "",
    rooms: [],
    people: 1,
    avatar: "",
    guestAvatars: [],
    animation: "",
    framing: "bust",
    background: { kind: "transparent" },
    mirror: false,
    looksAtCamera: false,
    light: { preset: "soft", colour: "#ffffff" },
    wind: 0,
    smooth: true,
    sound: false,
    problems: [],
  });
});

test("everything that an address may say", () => {
  expect(
    parse(
      "room=studio&avatar=/me.vrm&animation=a.vrma&framing=face&background=green&mirror=true&look=true&smooth=false&light=rim&tint=00b140&wind=0.4",
    ),
  ).toMatchObject({
    room: "studio",
    avatar: "https://mocast.test/me.vrm",
    animation: "https://mocast.test/a.vrma",
    framing: "face",
    background: { kind: "colour", colour: "green" },
    mirror: true,
    looksAtCamera: true,
    light: { preset: "rim", colour: "#00b140" },
    wind: 0.4,
    smooth: false,
    problems: [],
  });
});

test.each(["00b140", "%2300b140"])("a colour may be written %s", (colour) => {
  expect(parse(`background=${colour}`).background).toEqual({ kind: "colour", colour: "#00b140" });
});

test("a background with a slash is a picture", () => {
  expect(parse("background=/room.jpg").background).toEqual({
    kind: "picture",
    url: "https://mocast.test/room.jpg",
  });
});

test.each([
  "light=neon",
  "tint=nocolour",
  "wind=2",
  "wind=strong",
  "avatar=https://elsewhere.test/me.vrm",
  "avatar=//elsewhere.test/me.vrm",
  "animation=https://elsewhere.test/a.vrma",
  "background=//elsewhere.test/a.png",
  "avatar=http://[",
  "background=nocolour",
  "framing=knees",
  "mirror=maybe",
  "look=maybe",
  "room=a/b",
  "room=..",
  "frame=face",
])("%s is refused with a reason, and the rest goes on", (query) => {
  const options = parse(query);
  expect(options.problems).toHaveLength(1);
  expect({ ...options, problems: [] }).toEqual(parse(""));
});

test("what is asked for instead of an unknown option are all that there are", () => {
  expect(parse("frame=face").problems).toEqual([
    "This page has no option “frame”: there are rooms, room, avatar, people, animation, framing, background, mirror, look, light, tint, wind, smooth, sound.",
  ]);
});

test("an empty token, which the address keeps, is no unknown option", () => {
  expect(parse("access_token=")).toEqual(parse(""));
});

test("several rooms and people, each with an avatar", () => {
  const options = parse("rooms=a,%20b,a&people=2&avatar=/a.vrm,/b.vrm,/c.vrm");
  expect(options).toMatchObject({ room: "a", rooms: ["a", "b"], people: 2, problems: [] });
  expect([options.avatar, ...options.guestAvatars]).toEqual([
    "https://mocast.test/a.vrm",
    "https://mocast.test/b.vrm",
    "https://mocast.test/c.vrm",
  ]);
});

test("rooms that are none, and too many of them or of people, are refused", () => {
  expect(parse("rooms=a,b/c").problems).toEqual([
    expect.stringMatching(/^rooms= cannot be “b\/c”. A room's name has 1 to 64/),
  ]);
  expect(parse("rooms=a,b,c,d,e,f,g,h,i").problems).toEqual(["rooms= has 8 rooms at most."]);
  expect(parse("people=5&room=a")).toMatchObject({ people: 1, problems: ["people= is from 1 to 4."] });
});
