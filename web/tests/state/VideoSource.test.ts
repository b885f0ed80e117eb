import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { VideoSource } from "../../src/state/VideoSource";

/** A track that knows whether it runs. */
class FakeTrack extends EventTarget {
  label = "";
  contentHint = "";
  readyState = "live";

  constructor(readonly camera: string) {
    super();
  }

  stop(): void {
    this.readyState = "ended";
  }
}

/** Cameras as a phone has them: one at a time; "gone" was unplugged. */
let opened: FakeTrack[];

async function getUserMedia({ video }: MediaStreamConstraints): Promise<unknown> {
  const { deviceId } = video as { deviceId?: { ideal: string } };
  if (deviceId?.ideal === "gone") throw new DOMException("", "NotFoundError");
  if (opened.some(({ readyState }) => readyState === "live")) throw new DOMException("", "NotReadableError");
  const track = new FakeTrack(deviceId?.ideal ?? "any");
  opened.push(track);
  return { getVideoTracks: () => [track] };
}

beforeEach(() => {
  opened = [];
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia, enumerateDevices: async () => [] } });
});
afterEach(() => vi.unstubAllGlobals());

test("a source that cannot be opened leaves the one before running and selected", async () => {
  const source = new VideoSource(() => undefined);
  await source.open();
  await expect(source.change({ cameraId: "gone" })).rejects.toMatchObject({ kind: "no-camera" });
  expect(source.stream?.getVideoTracks()[0].readyState).toBe("live");
  expect(source.selected.value.cameraId).toBe("");
});

test("where only one camera opens at a time, the one before makes room", async () => {
  const source = new VideoSource(() => undefined);
  await source.open();
  expect(await source.change({ cameraId: "back" })).toBe(true);
  expect(opened.map(({ camera, readyState }) => [camera, readyState])).toEqual([
    ["any", "ended"],
    ["back", "live"],
  ]);
});

test("a camera that opens after it was closed is closed again", async () => {
  const source = new VideoSource(() => undefined);
  const opening = source.open();
  source.close();
  expect(await opening).toBeNull();
  expect(opened[0].readyState).toBe("ended");
  expect(source.stream).toBeNull();
});
