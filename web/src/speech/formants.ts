import { linearPrediction } from "./linearPrediction";
import { polynomialRoots } from "./polynomialRoots";

/** Two for each resonance below half the sample rate, and two for the voice and the lips (Markel and Gray, 1976). */
const ORDER = 12;
/** A resonance that is broader is none of the mouth's. */
const WIDEST_HZ = 600;
const LOWEST_HZ = 180;
const PRE_EMPHASIS = 0.9;

/** The frequencies of the first two resonances of the mouth, in Hz; `null` where a sound has none. */
export function formants(samples: Float32Array, sampleRate: number): readonly [number, number] | null {
  const prediction = linearPrediction(windowed(samples), ORDER);
  if (!prediction) return null;
  const roots = polynomialRoots(prediction);
  const found: number[] = [];
  for (let index = 0; index < roots.length; index += 2) {
    const [x, y] = [roots[index], roots[index + 1]];
    if (y <= 0) continue;
    const frequency = (Math.atan2(y, x) * sampleRate) / (2 * Math.PI);
    const width = (-Math.log(Math.hypot(x, y)) * sampleRate) / Math.PI;
    if (frequency > LOWEST_HZ && frequency < 0.48 * sampleRate && width < WIDEST_HZ) found.push(frequency);
  }
  found.sort((a, b) => a - b);
  return found.length < 2 ? null : [found[0], found[1]];
}

/** The higher frequencies raised, as voices fall off by 6 dB an octave, and the ends faded out. */
function windowed(samples: Float32Array): Float32Array {
  const { length } = samples;
  const faded = new Float32Array(length);
  for (let index = 1; index < length; index++) {
    const hamming = 0.54 - 0.46 * Math.cos((2 * Math.PI * index) / (length - 1));
    faded[index] = hamming * (samples[index] - PRE_EMPHASIS * samples[index - 1]);
  }
  return faded;
}
