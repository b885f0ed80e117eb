import { expect, test, vi } from "vitest";
import type { Settings } from "../src/api/generated";
import { publish } from "../src/publish";
import type { TrackedFrame } from "../src/wire/TrackedFrame";
import { eachWithBrowser } from "./fakePeers";
import { golden } from "./wire/golden";

const picture = (width: number, height: number) => ({
  kind: "video",
  getSettings: () => ({ width, height }),
});
const camera = { getVideoTracks: () => [picture(640, 480)] } as unknown as MediaStream;
const settle = () => vi.advanceTimersByTimeAsync(0);

const browser = eachWithBrowser();

function start(options: Parameters<typeof publish>[3] = {}) {
  return publish("https://h/", "studio", camera, options);
}

/** Let the newest connection come up; its control channel. */
async function open() {
  await settle();
  const control = browser.peers.at(-1)!.channel("control")!;
  control.open();
  await settle();
  return control;
}

/** Have the newest connection break, and the next one be offered. */
async function breakConnection() {
  browser.peers.at(-1)!.channel("control")!.dispatchEvent(new Event("close"));
  await vi.advanceTimersByTimeAsync(1000);
}

const offers = () => browser.calls.filter((call) => call.startsWith("POST"));

test("options go into the address of the offer, and a reconnection takes the room back", async () => {
  const session = start({ tracker: "pose", return: "none", replace: "before", token: "t" });
  await open();
  expect(session.id).toBe("1");
  await breakConnection();
  expect(offers()).toEqual([
    "POST https://h/v1/rooms/studio/publish?tracker=pose&return=none&replace=before",
    "POST https://h/v1/rooms/studio/publish?tracker=pose&return=none&replace=1",
  ]);
});

test("listeners that came with the call hear of the first connection", async () => {
  const session = start();
  const seen: unknown[] = [];
  session.on("state", ({ is }) => seen.push(is));
  session.on("video", (stream) => seen.push(stream instanceof MediaStream));
  session.on("statistics", ({ fps_in }) => seen.push(fps_in));
  session.on("notice", (notice) => seen.push(notice));
  const control = await open();
  control.receive({ type: "statistics", statistics: { fps_in: 30 } });
  control.receive({ type: "notice", notice: "draining", detail: "Soon." });
  session.close();
  await settle();
  expect(seen).toEqual([true, "live", 30, { notice: "draining", detail: "Soon." }, "closed"]);
  expect(browser.calls.at(-1)).toBe("DELETE https://h/v1/sessions/1");
});

test("a stream has a channel while somebody listens, in each connection", async () => {
  const session = start();
  await open();
  const [first] = browser.peers;
  expect(first.channel("rig")).toBeUndefined();
  const stop = session.on("rig", () => undefined);
  expect(first.channel("rig")).toBeDefined();
  expect(first.channel("landmarks")).toBeUndefined();
  await breakConnection();
  expect(browser.peers[1].channel("rig")).toBeDefined();
  stop();
  expect(browser.peers[1].channel("rig")).toBeUndefined();
});

test("analyses come while somebody reads them, and events by the control channel", async () => {
  const session = start({ events: ["rep"] });
  const seen: unknown[] = [];
  const stop = session.on("analysis", ({ angles }) => seen.push(angles?.left_elbow.degrees));
  session.on("event", ({ type, data }) => seen.push(type, data.count));
  const control = await open();
  const channel = browser.peers[0].channel("analysis")!;
  channel.open();
  channel.receive(golden.messages("analysis-moving")[0]);
  channel.receive(golden.messages("rig-rest")[0]);
  const event = { type: "rep", pts: 1, at: "", person: 0, data: { count: 3 } };
  control.receive({ type: "event", version: 1, room: "studio", missed: 0, event });
  expect(seen).toEqual([-58.76, "rep", 3]);
  expect(offers()[0]).toContain("events=rep");
  stop();
  expect(browser.peers[0].channel("analysis")).toBeUndefined();
});

test("gestures of one's own are told to the server, which may refuse them", async () => {
  const session = start();
  const control = await open();
  const gestures = [{ name: "spock", features: [], radius: 0.3, hand: "any", oriented: false }] as const;
  const told = session.setGestures(gestures);
  await settle();
  expect(control.sent).toEqual([{ type: "gestures", id: 1, gestures }]);
  control.receive({ type: "problem", id: 1, title: "T", status: 422, detail: "No." });
  await expect(told).rejects.toMatchObject({ kind: "refused", detail: "No." });
});

test("ranges and counts begin anew when the server says so", async () => {
  const session = start();
  const control = await open();
  const reset = session.resetAnalysis();
  await settle();
  expect(control.sent).toEqual([{ type: "reset", id: 1 }]);
  control.receive({ type: "reset", id: 1 });
  await reset;
});

test("landmarks are iterated over interruptions, the newest first, until the session is closed", async () => {
  const session = start();
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { pts } of session.landmarks()) seen.push(pts);
  })();
  for (let connection = 0; connection < 2; connection += 1) {
    await open();
    const channel = browser.peers[connection].channel("landmarks")!;
    channel.open();
    for (const message of golden.messages("landmarks-pose")) channel.receive(message);
    await settle();
    if (connection === 0) await breakConnection();
  }
  const { pts } = golden.frame("landmarks-pose");
  session.close();
  await reading;
  expect(seen).toEqual([pts, pts]);
});

test("an end for good is thrown where landmarks are read, with what the server said", async () => {
  const problem = { type: "about:blank", title: "T", status: 422, detail: "One sentence." };
  vi.stubGlobal("fetch", async () => Response.json(problem, { status: 422 }));
  const session = start();
  await expect(session.landmarks().next()).rejects.toMatchObject({ kind: "refused", problem });
  await expect(session.connected()).rejects.toMatchObject({ kind: "refused" });
  await expect(session.landmarks().next()).rejects.toMatchObject({ kind: "refused" });
});

test("a change while it connects is sent when it is live, and later connections begin with it", async () => {
  const session = start({ opacity: 1 });
  await settle();
  const change = session.change({ opacity: 0.5 });
  const control = await open();
  expect(control.sent).toMatchObject([{ type: "settings", settings: { opacity: 0.5 } }]);
  control.receive({ type: "settings", id: 1, settings: { opacity: 0.5 } });
  await change;
  await breakConnection();
  expect(offers().at(-1)).toContain("opacity=0.5");
});

test("a change between two connections is made by the offer of the next", async () => {
  const session = start();
  await open();
  browser.peers[0].channel("control")!.dispatchEvent(new Event("close"));
  const change = session.change({ hud: true });
  await vi.advanceTimersByTimeAsync(1000);
  expect(offers().at(-1)).toContain("hud=true");
  const control = await open();
  await change;
  expect(control.sent).toEqual([]);
});

test("a change that is lost on its way is made by the next connection's offer", async () => {
  const session = start();
  await open();
  const change = session.change({ hud: true });
  await settle();
  await breakConnection();
  expect(offers().at(-1)).toContain("hud=true");
  await open();
  await change;
});

test("a change that is refused changes nothing, now or later", async () => {
  const session = start({ opacity: 0.5 });
  const control = await open();
  const change = session.change({ opacity: 9 } as Settings);
  await settle();
  control.receive({ type: "problem", id: 1, title: "T", status: 422, detail: "No." });
  await expect(change).rejects.toMatchObject({ kind: "refused", detail: "No." });
  await breakConnection();
  expect(offers().at(-1)).toContain("opacity=0.5");
});

test("another camera is sent at once, and by later connections", async () => {
  const session = start();
  await open();
  const other = picture(320, 240);
  await session.replaceStream({ getVideoTracks: () => [other] } as unknown as MediaStream);
  const { parameters, sender } = browser.peers[0];
  expect(sender.replaceTrack).toHaveBeenCalledWith(other);
  expect(sender.setParameters).toHaveBeenCalledWith(parameters);
  expect(parameters.encodings).toEqual([{ maxBitrate: 500_000 }]);
});

test("no more frames are sent than the server has time for, by another camera neither", async () => {
  const session = start();
  const control = await open();
  const { parameters, sender } = browser.peers[0];
  control.receive({ type: "frame_rate", fps: 16.5 });
  expect(parameters.encodings).toEqual([expect.objectContaining({ maxFramerate: 16.5 })]);
  expect(sender.setParameters).toHaveBeenCalledWith(parameters);
  const other = picture(320, 240);
  await session.replaceStream({ getVideoTracks: () => [other] } as unknown as MediaStream);
  expect(parameters.encodings).toEqual([{ maxBitrate: 500_000, maxFramerate: 16.5 }]);
  control.receive({ type: "frame_rate", fps: null });
  await settle();
  expect(parameters.encodings).toEqual([{ maxBitrate: 500_000 }]);
});

test("a browser without WebRTC ends it, and so does what a token's function throws", async () => {
  const withoutToken = start({ token: () => Promise.reject(new Error("signed out")) });
  await expect(withoutToken.connected()).rejects.toMatchObject({ name: "MocastError", detail: "signed out" });
  vi.stubGlobal("RTCPeerConnection", undefined);
  await expect(start().connected()).rejects.toMatchObject({ name: "MocastError", kind: "refused" });
});

test("a stream without video is refused at once", () => {
  const silent = { getVideoTracks: () => [] } as unknown as MediaStream;
  expect(() => publish("", "studio", silent)).toThrow(TypeError);
});

test("what nobody is connected to cannot measure", async () => {
  await expect(start().calibrate(2)).rejects.toMatchObject({ kind: "lost" });
});

test("a person is compared with a pose, with a motion of fifteen poses a second, and with nothing", async () => {
  const session = start();
  await open();
  const pose = {
    image: new Float32Array(99),
    world: new Float32Array(99).fill(0.5),
    visibility: new Float32Array(33),
  };
  const frame = (pts: number, seen: typeof pose | null = pose) => ({ pts, pose: seen }) as TrackedFrame;
  const given = () => JSON.parse(browser.bodies.at(-1) as string);

  await session.setReference(frame(0), true);
  expect(browser.calls.at(-1)).toBe("PUT https://h/v1/sessions/1/reference");
  expect(given()).toMatchObject({ mirrored: true, world: { length: 33, 32: [0.5, 0.5, 0.5] } });

  // Two seconds at 30 frames a second, over the end of pts.
  const second = Array.from({ length: 61 }, (_, index) => frame((2 ** 32 - 3000 + index * 3000) % 2 ** 32));
  await session.setReference([frame(0, null), ...second]);
  const times = given().motion.map(({ at }: { at: number }) => at);
  expect(times).toHaveLength(31);
  expect([times[0], times[1], times[30]]).toEqual([0, 2 / 30, 2]);

  await session.setReference(null);
  expect(browser.calls.at(-1)).toBe("DELETE https://h/v1/sessions/1/reference");
  await expect(session.setReference([frame(0, null)])).rejects.toThrow(RangeError);
});

test("a connection has what was given to those before it and between them, and nothing that was refused", async () => {
  const session = start();
  let control = await open();
  const answer = async (answered: Promise<unknown>, message: object) => {
    await settle();
    control.receive({ id: control.sent.at(-1)?.id, ...message });
    await answered;
  };
  const calibration = { version: 1, face: { neutral: {} }, body: null };
  const pose = { image: new Float32Array(99), world: new Float32Array(99), visibility: new Float32Array(33) };
  const problem = { type: "problem", title: "T", status: 422, detail: "No." };
  await answer(session.calibrate(2), { type: "calibration", calibration });
  await answer(session.setCalibration(null, 1), { type: "calibration", calibration: null });
  const refused = session.setCalibration({ ...calibration, version: 9 }, 1);
  await expect(answer(refused, problem)).rejects.toMatchObject({ kind: "refused" });
  await session.setReference({ pts: 0, pose } as TrackedFrame);
  const told = browser.bodies.at(-1);
  const lost = session.setGestures([]);
  await settle();
  await breakConnection();
  const between = session.setCalibration(calibration, 1);

  control = await open();
  await Promise.all([lost, between]);
  expect(control.sent).toEqual([
    { type: "calibration", id: 1, calibration },
    { type: "calibration", id: 2, calibration, person: 1 },
    { type: "gestures", id: 3, gestures: [] },
  ]);
  expect([browser.calls.at(-1), browser.bodies.at(-1)]).toEqual([
    "PUT https://h/v1/sessions/2/reference",
    told,
  ]);

  const never = session.setGestures([]);
  session.close();
  await expect(never).rejects.toMatchObject({ kind: "lost" });
});

test("what the server of a new connection refuses is told, with whose it is and why, and the rest is there", async () => {
  const session = start();
  const refusals: unknown[] = [];
  session.on("refused", (refusal) => refusals.push(refusal));
  // Before the first connection, and lost with it.
  const given = [session.setCalibration({ version: 1, face: {}, body: null }, 1), session.setGestures([])];
  await open();
  await breakConnection();
  expect(refusals).toEqual([]);

  const control = await open();
  await Promise.all(given);
  control.receive({ type: "problem", id: 1, title: "T", status: 422, detail: "No." });
  control.receive({ type: "gestures", id: 2 });
  await settle();
  const error = expect.objectContaining({ kind: "refused", status: 422, detail: "No." });
  expect(refusals).toEqual([{ what: "calibration", person: 1, error }]);
});

test("there is a line for sound only where it was asked for", async () => {
  start();
  await open();
  expect(browser.peers[0].transceivers).toEqual([[expect.objectContaining({ kind: "video" }), "sendrecv"]]);
});

test("sound is sent from when there is a microphone, over reconnections, until there is none", async () => {
  const microphone = { kind: "audio" } as MediaStreamTrack;
  const session = start({ audio: null });
  await open();
  expect(browser.peers[0].transceivers[1]).toEqual(["audio", "sendonly"]);
  await session.replaceAudio(microphone);
  expect(browser.peers[0].audioSender.replaceTrack).toHaveBeenCalledWith(microphone);
  await breakConnection();
  expect(browser.peers[1].transceivers[1]).toEqual([microphone, "sendonly"]);
  await open();
  await session.replaceAudio(null);
  expect(browser.peers[1].audioSender.replaceTrack).toHaveBeenCalledWith(null);
  expect(offers()[1]).not.toContain("audio");
});

test("a session that was begun without sound cannot have any", async () => {
  await expect(start().replaceAudio(null)).rejects.toThrow(TypeError);
});
