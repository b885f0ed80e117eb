import { expect, test } from "vitest";
import { defaultLook } from "../../src/studio/AvatarLook";
import { bridgeCommand } from "../../src/studio/bridgeCommand";
import { obsAddress } from "../../src/studio/obsAddress";

test("the address for OBS carries the room and how the avatar is shown", () => {
  const look = { ...defaultLook, framing: "full", background: "colour", mirror: false } as const;
  expect(obsAddress("http://studio:8080", "my-room", look)).toBe(
    "http://studio:8080/avatar.html?room=my-room&framing=full&background=00b140&mirror=false",
  );
});

test("a background picture is this browser's, so that OBS gets none", () => {
  const address = new URL(obsAddress("http://studio", "a", { ...defaultLook, background: "picture" }));
  expect(address.searchParams.get("background")).toBe("transparent");
});

test("the bridge's command names the room and the apps that were chosen", () => {
  expect(bridgeCommand("http://studio:8080", "my-room", ["vmc", "vts"])).toBe(
    'mocast bridge "http://studio:8080/?room=my-room" --vmc 127.0.0.1:39539 --vts',
  );
});
