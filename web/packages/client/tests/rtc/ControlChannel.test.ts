import { expect, test } from "vitest";
import { ControlChannel } from "../../src/rtc/ControlChannel";

function open(readyState: RTCDataChannelState = "open") {
  const sent: string[] = [];
  const received: unknown[] = [];
  const control = new ControlChannel(
    { readyState, send: (text: unknown) => void sent.push(text as string) } as RTCDataChannel,
    {
      onSettings: (settings) => received.push(settings),
      onStatistics: (statistics) => received.push(statistics),
      onNotice: (notice, detail) => received.push([notice, detail]),
      onFrameRate: (fps) => received.push(fps),
    },
  );
  return { control, sent, received, receive: (message: object) => control.receive(JSON.stringify(message)) };
}

test("a change is answered with all settings, each by its own id", async () => {
  const { control, sent, receive } = open();
  const first = control.change({ mirror: true });
  const second = control.change({ hud: true });
  expect(sent.map((text) => JSON.parse(text))).toEqual([
    { type: "settings", id: 1, settings: { mirror: true } },
    { type: "settings", id: 2, settings: { hud: true } },
  ]);
  receive({ type: "settings", id: 2, settings: { hud: true } });
  receive({ type: "settings", id: 1, settings: { mirror: true } });
  expect(await second).toEqual({ hud: true });
  expect(await first).toEqual({ mirror: true });
});

test("a refused change gives the server's reason", async () => {
  const { control, receive } = open();
  const change = control.change({ opacity: 9 });
  receive({ type: "problem", id: 1, title: "Unprocessable", status: 422, detail: "opacity is 0 to 1" });
  await expect(change).rejects.toMatchObject({ kind: "refused", detail: "opacity is 0 to 1" });
});

test("a measurement is answered with what was measured, or with why there is none", async () => {
  const { control, sent, receive } = open();
  const first = control.calibrate(2, true);
  const second = control.calibrate(2, false);
  expect(JSON.parse(sent[0])).toEqual({ type: "calibrate", id: 1, seconds: 2, t_pose: true });
  receive({
    type: "problem",
    id: 2,
    title: "Conflict",
    status: 409,
    detail: "it is being calibrated already",
  });
  receive({ type: "calibration", id: 1, calibration: { version: 1 } });
  expect(await first).toEqual({ version: 1 });
  await expect(second).rejects.toMatchObject({ kind: "refused", detail: "it is being calibrated already" });
});

test("a calibration is given back, and taken away", async () => {
  const { control, sent, receive } = open();
  const given = control.setCalibration({ version: 1, face: {}, body: null });
  const reset = control.setCalibration(null);
  expect(sent.map((text) => JSON.parse(text).calibration)).toEqual([
    { version: 1, face: {}, body: null },
    null,
  ]);
  receive({ type: "calibration", id: 1, calibration: { version: 1 } });
  receive({ type: "calibration", id: 2, calibration: null });
  await Promise.all([given, reset]);
});

test("pending requests are rejected when the channel is closed", async () => {
  const { control } = open();
  const change = control.change({ hud: true });
  control.abandon();
  await expect(change).rejects.toMatchObject({ kind: "lost" });
  await expect(open("closed").control.change({})).rejects.toMatchObject({ kind: "lost" });
});

test("statistics, notices and settings changed elsewhere are passed on", () => {
  const { received, receive } = open();
  receive({ type: "statistics", statistics: { fps_in: 30 } });
  receive({ type: "notice", notice: "draining", detail: "Restarting." });
  receive({ type: "settings", settings: { mirror: false } });
  receive({ type: "frame_rate", fps: 18 });
  receive({ type: "of the future" });
  expect(received).toEqual([{ fps_in: 30 }, ["draining", "Restarting."], { mirror: false }, 18]);
});
