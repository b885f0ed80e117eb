import { expect, test } from "vitest";
import { Failure } from "../../src/Failure";
import { Microphone } from "../../src/state/Microphone";

/** A microphone's track, as far as the page uses it. */
class FakeTrack extends EventTarget {
  isStopped = false;

  stop(): void {
    this.isStopped = true;
  }
}

function setup() {
  const tracks: FakeTrack[] = [];
  const sent: (FakeTrack | null)[] = [];
  const failures: string[] = [];
  const asked: (() => void)[] = [];
  let refuse: (error: Error) => void = () => undefined;
  const microphone = new Microphone(
    (track) => sent.push(track as unknown as FakeTrack | null),
    ({ kind }) => failures.push(kind),
    () =>
      new Promise((resolve, reject) => {
        asked.push(() => {
          const track = new FakeTrack();
          tracks.push(track);
          resolve(track as unknown as MediaStreamTrack);
        });
        refuse = reject;
      }),
  );
  return {
    microphone,
    tracks,
    sent,
    failures,
    /** `request`: the last, where it is left out. */
    allow: (request = -1) => asked.at(request)?.(),
    refuse: (error: Error) => refuse(error),
  };
}

test("it is off, and nobody is asked, until it is switched on", async () => {
  const { microphone, tracks, sent, allow } = setup();
  expect(microphone.state.value).toBe("off");
  expect(tracks).toEqual([]);
  const on = microphone.switchOn();
  expect(microphone.state.value).toBe("opening");
  allow();
  await on;
  expect(microphone.state.value).toBe("on");
  expect(sent).toEqual([tracks[0]]);
});

test("switched off, it is let go of and nothing more is sent", async () => {
  const { microphone, tracks, sent, allow } = setup();
  const on = microphone.switchOn();
  allow();
  await on;
  microphone.switchOff();
  expect(tracks[0].isStopped).toBe(true);
  expect(sent).toEqual([tracks[0], null]);
  expect(microphone.track).toBeNull();
});

test("switched off while the browser asks, it stays off whatever is answered", async () => {
  const { microphone, tracks, sent, failures, allow, refuse } = setup();
  const first = microphone.switchOn();
  microphone.switchOff();
  allow();
  await first;
  expect(tracks[0].isStopped).toBe(true);
  const second = microphone.switchOn();
  microphone.switchOff();
  refuse(new Error("No."));
  await second;
  expect(microphone.state.value).toBe("off");
  expect(sent).toEqual([]);
  expect(failures).toEqual([]);
});

test("switched off and on again while the browser asks, only what was asked for last is used", async () => {
  const { microphone, tracks, sent, allow } = setup();
  const first = microphone.switchOn();
  microphone.switchOff();
  const second = microphone.switchOn();
  allow(0);
  await first;
  expect([microphone.state.value, tracks[0].isStopped]).toEqual(["opening", true]);
  allow(1);
  await second;
  expect(microphone.state.value).toBe("on");
  expect(sent).toEqual([tracks[1]]);
});

test("one that is refused says why, and can be asked for again", async () => {
  const { microphone, sent, failures, allow, refuse } = setup();
  const first = microphone.switchOn();
  refuse(new Failure("no-microphone"));
  await first;
  expect(failures).toEqual(["no-microphone"]);
  expect(microphone.state.value).toBe("off");
  const second = microphone.switchOn();
  allow();
  await second;
  expect(sent).toHaveLength(1);
});

test("one that is unplugged is off, and it is said", async () => {
  const { microphone, tracks, sent, failures, allow } = setup();
  const on = microphone.switchOn();
  allow();
  await on;
  tracks[0].dispatchEvent(new Event("ended"));
  expect(microphone.state.value).toBe("off");
  expect(sent).toEqual([tracks[0], null]);
  expect(failures).toEqual(["microphone-lost"]);
});
