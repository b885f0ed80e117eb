import { expect, test } from "vitest";
import { bridgeCommand } from "../../src/state/bridgeCommand";
import { defaultDisplayOptions } from "../../src/state/DisplayOptions";
import { obsAddress } from "../../src/state/obsAddress";
import { roomAddress } from "../../src/state/roomAddress";

test("the address for OBS carries the room and how the avatar is shown", () => {
  const look = { ...defaultDisplayOptions, framing: "full", background: "colour", mirror: false } as const;
  expect(obsAddress("http://studio:8080/?room=other#x", "my-room", look)).toBe(
    "http://studio:8080/avatar.html?room=my-room&framing=full&background=00b140&mirror=false",
  );
});

test("the address for OBS has the stage's light, its colour and the wind, where they are not the usual ones", () => {
  const look = { ...defaultDisplayOptions, light: "rim", wind: 0.4 } as const;
  const { searchParams } = new URL(obsAddress("http://studio/", "a", look, "#ffd0a0"));
  expect(["light", "tint", "wind"].map((name) => searchParams.get(name))).toEqual(["rim", "ffd0a0", "0.4"]);
});

test("a background picture is this browser's, so that OBS gets none", () => {
  const address = new URL(
    obsAddress("http://studio/", "a", { ...defaultDisplayOptions, background: "picture" }),
  );
  expect(address.searchParams.get("background")).toBe("transparent");
});

test("the bridge's command names the room and the apps that were chosen", () => {
  expect(bridgeCommand(roomAddress("http://studio:8080/?room=other#x", "my-room"), ["vmc", "vts"])).toBe(
    'mocast bridge "http://studio:8080/?room=my-room" --vmc 127.0.0.1:39539 --vts 127.0.0.1:8001',
  );
});

test("behind a proxy's path prefix the addresses have it, too", () => {
  const page = "https://studio/motion/?room=other";
  expect(obsAddress(page, "a", defaultDisplayOptions)).toMatch(
    /^https:\/\/studio\/motion\/avatar\.html\?room=a&/,
  );
  expect(bridgeCommand(roomAddress(page, "a"), [])).toBe('mocast bridge "https://studio/motion/?room=a"');
});
