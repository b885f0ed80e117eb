import { expect, test } from "vitest";
import { Decimator } from "../../src/speech/Decimator";
import { formants } from "../../src/speech/formants";
import { polynomialRoots } from "../../src/speech/polynomialRoots";
import { SpeechShapes } from "../../src/speech/SpeechShapes";
import { type Vowel, type VowelWeights, vowels } from "../../src/speech/VowelClassifier";
import { RATE, seeded, speakers, voice } from "./voices";

const WINDOW = Math.round(0.043 * RATE);
const STEP = RATE / 30;

/** What is shown from moment to moment. */
function shown(shapes: SpeechShapes, sound: Float32Array): (VowelWeights | null)[] {
  const moments: (VowelWeights | null)[] = [];
  for (let at = 0; at + WINDOW <= sound.length; at += STEP)
    moments.push(shapes.next(sound.subarray(at, at + WINDOW), STEP / RATE));
  return moments;
}

function strongest(weights: VowelWeights): Vowel {
  return vowels.reduce((best, vowel) => (weights[vowel] > weights[best] ? vowel : best));
}

test("the roots of a polynomial are found", () => {
  // (z - 0.5)(z + 0.8)(z² - z + 0.5)
  const roots = polynomialRoots(new Float64Array([-0.7, -0.2, 0.55, -0.2]));
  const pairs = Array.from({ length: 4 }, (_, index) => [roots[2 * index], roots[2 * index + 1]]);
  for (const [x, y] of [
    [0.5, 0],
    [-0.8, 0],
    [0.5, 0.5],
    [0.5, -0.5],
  ])
    expect(Math.min(...pairs.map(([a, b]) => Math.hypot(a - x, b - y)))).toBeLessThan(1e-6);
});

test("the formants of a voice are found within a tenth", () => {
  const random = seeded(1);
  for (const vowel of vowels) {
    const [first, second] = speakers.man.formants[vowel];
    const sound = voice(120, speakers.man.formants[vowel], 0.3, random, 40);
    const found = formants(sound.subarray(1200, 1200 + WINDOW), RATE);
    expect(found, vowel).not.toBeNull();
    expect(Math.abs(Math.log((found?.[0] ?? 1) / first)), `${vowel} first`).toBeLessThan(0.16);
    expect(Math.abs(Math.log((found?.[1] ?? 1) / second)), `${vowel} second`).toBeLessThan(0.1);
  }
});

test.each([
  ["man", 0.92],
  ["woman", 0.92],
  ["child", 0.92],
])("the vowels of a %s's voice are told apart in %f of the moments", (name, least) => {
  const { pitch, formants: known } = speakers[name];
  const random = seeded(7);
  const shapes = new SpeechShapes(RATE);
  let [right, all] = [0, 0];
  for (let round = 0; round < 9; round++) {
    for (const vowel of vowels) {
      const vary = known[vowel].map((frequency) => frequency * (0.93 + 0.14 * random()));
      const sound = voice(pitch * (0.9 + 0.2 * random()), vary, 0.4, random, 20);
      // Once the speaker is known, and without the change from the vowel before. Words have gaps between them.
      const moments = shown(shapes, sound).slice(4);
      shown(
        shapes,
        new Float32Array(0.15 * RATE).map(() => 0.002 * (random() - 0.5)),
      );
      if (round < 3) continue;
      for (const moment of moments) {
        all += 1;
        right += moment && strongest(moment) === vowel ? 1 : 0;
      }
    }
  }
  if (process.env.REPORT)
    process.stdout.write(`${name}: ${((100 * right) / all).toFixed(1)}% of ${all} moments\n`);
  expect(right / all).toBeGreaterThan(least);
});

test("silence and a quiet room are no speech, and the mouth shuts before it is given away", () => {
  const random = seeded(3);
  const shapes = new SpeechShapes(RATE);
  const room = () => new Float32Array(RATE).map(() => 0.002 * (random() - 0.5));
  expect(
    shown(shapes, room())
      .slice(15)
      .every((moment) => moment === null),
  ).toBe(true);
  const spoken = shown(shapes, voice(120, speakers.man.formants.aa, 0.5, random));
  expect(spoken.at(-1)?.aa).toBeGreaterThan(0.6);
  const after = shown(shapes, room());
  const last = after.findLast((moment) => moment !== null);
  expect(last?.aa).toBeLessThan(0.1);
  expect(after.at(-1)).toBeNull();
});

test("a louder voice opens the mouth wider", () => {
  const open = (gain: number) => {
    const shapes = new SpeechShapes(RATE);
    const sound = voice(120, speakers.man.formants.aa, 0.6, seeded(5)).map((sample) => gain * sample);
    return shown(shapes, sound).at(-1)?.aa ?? 0;
  };
  expect(open(0.5)).toBeGreaterThan(open(0.02) + 0.1);
});

test("every fourth sample is kept without what would fold down", () => {
  const rms = (frequency: number) => {
    const decimator = new Decimator(4);
    const kept: number[] = [];
    const tone = new Float32Array(9600).map((_, index) =>
      Math.sin((2 * Math.PI * frequency * index) / 48_000),
    );
    decimator.push(tone, (sample) => kept.push(sample));
    expect(kept.length).toBe(2400);
    return Math.sqrt(kept.slice(400).reduce((sum, sample) => sum + sample * sample, 0) / 2000);
  };
  expect(rms(1000)).toBeCloseTo(Math.SQRT1_2, 2);
  expect(rms(9000)).toBeLessThan(0.001);
});
