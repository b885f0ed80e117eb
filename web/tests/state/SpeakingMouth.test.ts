import type { SourcePose } from "mocast-client";
import { expect, test } from "vitest";
import { noVowels, type VowelWeights } from "../../src/speech/VowelClassifier";
import { type Listen, SpeakingMouth } from "../../src/state/SpeakingMouth";

class FakeTrack extends EventTarget {
  isStopped = false;

  stop(): void {
    this.isStopped = true;
  }
}

function setup(listen?: Listen) {
  const track = new FakeTrack();
  const sent: SourcePose[] = [];
  let tell: (vowels: VowelWeights | null) => void = () => undefined;
  let isClosed = false;
  const hear: Listen = async (_, onVowels) => {
    tell = onVowels;
    return { close: () => (isClosed = true) };
  };
  const mouth = new SpeakingMouth(
    (pose) => sent.push(pose),
    async () => track as unknown as MediaStreamTrack,
    listen ?? hear,
  );
  return {
    mouth,
    track,
    sent,
    tell: (vowels: VowelWeights | null) => tell(vowels),
    isClosed: () => isClosed,
  };
}

test("vowels are sent while somebody speaks, then the mouth is shut once and left to the camera", async () => {
  const { mouth, sent, tell } = setup();
  await mouth.switchOn();
  tell(null);
  tell({ ...noVowels, aa: 0.8 });
  tell({ ...noVowels, aa: 0.1 });
  tell(null);
  tell(null);
  expect(sent.map(({ expressions }) => expressions?.aa)).toEqual([0.8, 0.1, 0]);
});

test("switched off, the microphone is let go of and the mouth is shut", async () => {
  const { mouth, track, sent, tell, isClosed } = setup();
  await mouth.switchOn();
  tell({ ...noVowels, oh: 0.5 });
  mouth.switchOff();
  expect([mouth.state.value, track.isStopped, isClosed()]).toEqual(["off", true, true]);
  expect(sent.at(-1)?.expressions?.oh).toBe(0);
});

test("a browser that cannot listen says so, and keeps no microphone", async () => {
  const { mouth, track } = setup(async () => {
    throw new TypeError("no worklets");
  });
  await mouth.switchOn();
  expect([mouth.state.value, track.isStopped, mouth.failure.value?.kind]).toEqual([
    "off",
    true,
    "microphone-failed",
  ]);
});

test("a microphone that is unplugged switches it off", async () => {
  const { mouth, track } = setup();
  await mouth.switchOn();
  track.dispatchEvent(new Event("ended"));
  expect([mouth.state.value, mouth.failure.value?.kind]).toEqual(["off", "microphone-lost"]);
});
