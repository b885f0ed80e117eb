/** Words per minute on the keyboard in the air, of a hand that is simulated (`SimulatedTypist.ts`): no person was measured. */
import { expect, test } from "vitest";
import { type Typed, type Typist, typeText, typist } from "./SimulatedTypist";

const SENTENCES = [
  "the meeting moved to friday afternoon",
  "please bring the green umbrella",
  "my sister plays the violin very well",
  "we could see the mountains from here",
  "send me the picture when you are home",
  "this keyboard hangs in the air",
  "he never forgot that long winter",
  "turn left behind the old bakery",
];

/** All sentences in a row, several times over. */
function measure(change: Partial<Typist> = {}, seeds = [1, 2]): Typed {
  const runs = seeds.flatMap((seed) =>
    SENTENCES.map((text, at) => ({ text, ...typeText(text, { ...typist, ...change }, 100 * seed + at) })),
  );
  const sum = (of: (run: (typeof runs)[number]) => number) => runs.reduce((total, run) => total + of(run), 0);
  const seconds = sum((run) => run.seconds);
  return {
    seconds,
    wordsPerMinute: sum(({ text }) => text.length - 1) / 5 / (seconds / 60),
    presses: sum((run) => run.presses),
    wrong: sum((run) => run.wrong),
    missed: sum((run) => run.missed),
  };
}

const VARIANTS: readonly [string, Partial<Typist>][] = [
  ["both hands, one after the other", {}],
  ["one hand", { hands: 1 }],
  ["both hands, no suggestions", { usesSuggestions: false }],
  ["0.2 s from motion to screen", { lagS: 0.2 }],
  ["a slower hand, 0.4 s a bit", { slopeS: 0.4 }],
  ["twice the noise", { noise: { image: 0.005, worldM: 0.006 } }],
  ["15 frames a second", { fps: 15 }],
];

test("simulated hands type some 12 words a minute, with few wrong keys", () => {
  const typed = measure({}, [1]);
  expect(typed.wordsPerMinute).toBeGreaterThan(11.5);
  expect(typed.wrong / typed.presses).toBeLessThan(0.08);
  expect(typed.missed / typed.presses).toBeLessThan(0.02);
});

test.runIf(process.env.REPORT)("report", { timeout: 600_000 }, () => {
  for (const [name, change] of VARIANTS) {
    const { wordsPerMinute, presses, wrong, missed } = measure(change);
    const share = (count: number) => `${((100 * count) / presses).toFixed(1)} %`;
    process.stdout.write(
      `${name}: ${wordsPerMinute.toFixed(1)} words/min, ${share(wrong)} wrong keys, ${share(missed)} missed\n`,
    );
  }
});
