/** Synthetic voices: pulses through the resonances of a mouth, with what a microphone adds. */
import type { Vowel } from "../../src/speech/VowelClassifier";

export const RATE = 12_000;

/** Mean formants in Hz and the pitch (Hillenbrand et al., 1995, table V). */
export const speakers: Record<string, { pitch: number; formants: Record<Vowel, readonly number[]> }> = {
  man: {
    pitch: 120,
    formants: {
      aa: [768, 1333, 2522],
      ih: [342, 2322, 3000],
      ou: [378, 997, 2343],
      ee: [476, 2089, 2691],
      oh: [497, 910, 2459],
    },
  },
  woman: {
    pitch: 210,
    formants: {
      aa: [936, 1551, 2815],
      ih: [437, 2761, 3372],
      ou: [459, 1105, 2735],
      ee: [536, 2530, 3047],
      oh: [555, 1035, 2828],
    },
  },
  child: {
    pitch: 240,
    formants: {
      aa: [1002, 1688, 2950],
      ih: [452, 3081, 3702],
      ou: [494, 1345, 2988],
      ee: [564, 2656, 3323],
      oh: [597, 1137, 2987],
    },
  },
};

/** Random numbers that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A sound of so many seconds at `RATE`; `noiseDb`: of white noise below it. */
export function voice(
  pitch: number,
  formants: readonly number[],
  seconds: number,
  random: () => number,
  noiseDb = 25,
): Float32Array {
  const sound = pulses(pitch, Math.round(seconds * RATE), random);
  for (const [index, frequency] of formants.entries()) resonate(sound, frequency, 60 + 40 * index);
  resonate(sound, 4200, 250);
  const largest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
  const noise = 10 ** (-noiseDb / 20);
  return sound.map((sample) => 0.3 * (sample / largest + noise * (random() - 0.5)));
}

/** A glottis: pulses that fall off by 12 dB an octave, and the lips', that rise by 6; the pitch wanders a little. */
function pulses(pitch: number, count: number, random: () => number): Float32Array {
  const sound = new Float32Array(count);
  for (let at = 0; at < count; at += RATE / (pitch * (0.98 + 0.04 * random()))) sound[Math.floor(at)] = 1;
  let [first, second] = [0, 0];
  return sound.map((sample) => {
    first = sample + 0.9 * first;
    const before = second;
    second = first + 0.9 * second;
    return second - before;
  });
}

function resonate(sound: Float32Array, frequency: number, width: number): void {
  const radius = Math.exp((-Math.PI * width) / RATE);
  const a = 2 * radius * Math.cos((2 * Math.PI * frequency) / RATE);
  const b = -radius * radius;
  let [last, before] = [0, 0];
  for (let index = 0; index < sound.length; index++) {
    const next = sound[index] + a * last + b * before;
    [before, last] = [last, next];
    sound[index] = next;
  }
}
