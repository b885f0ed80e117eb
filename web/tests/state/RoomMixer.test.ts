import { afterEach, expect, test, vi } from "vitest";
import type { Phase } from "../../src/state/LiveController";
import { RoomMixer } from "../../src/state/RoomMixer";
import { Store } from "../../src/state/Store";
import { stubStorage } from "../stubStorage";
import { until } from "../until";

const MIXER = { parts: {}, sources: [] };

afterEach(() => vi.unstubAllGlobals());

function setup(part?: string) {
  stubStorage();
  const sent: [string, unknown][] = [];
  vi.stubGlobal("fetch", async (url: string, { method, body }: RequestInit) => {
    sent.push([`${method ?? "GET"} ${url}`, body && JSON.parse(body as string)]);
    return Response.json(MIXER);
  });
  const phase = new Store<Phase>({ is: "idle" });
  return { phase, sent, mixer: new RoomMixer({ room: "my room", phase, part }) };
}

test("what is chosen is sent, and sent again at every start", async () => {
  const { phase, sent, mixer } = setup();
  phase.set({ is: "live" } as Phase);
  expect(sent).toEqual([]);
  await mixer.set({ mouth: ["microphone", "camera"] });
  await mixer.set({ arms: [] });
  expect(mixer.state.value).toEqual(MIXER);
  phase.set({ is: "idle" });
  phase.set({ is: "live" } as Phase);
  const url = "PATCH v1/rooms/my%20room/mixer";
  await until(() => expect(sent.length).toBe(3));
  expect(sent).toEqual([
    [url, { mouth: ["microphone", "camera"] }],
    [url, { arms: [] }],
    [url, { mouth: ["microphone", "camera"], arms: [] }],
  ]);
});

test("a camera for a part of the room's leaves the order to the room's own page", async () => {
  const { phase, sent, mixer } = setup("face");
  await mixer.set({ arms: [] });
  phase.set({ is: "live" } as Phase);
  expect(sent.length).toBe(1);
});
