import { formants } from "./formants";
import { Loudness } from "./Loudness";
import { noVowels, VowelClassifier, type VowelWeights, vowels } from "./VowelClassifier";

/** The mouth opens faster than it shuts; both time constants in seconds. */
const ATTACK_S = 0.035;
const RELEASE_S = 0.08;
/** Quiet speech opens the mouth, too. */
const LEAST_OPEN = 0.35;
/** A consonant without voice has no formants: the mouth is a little open, and wide. */
const UNVOICED: VowelWeights = { ...noVowels, ih: 0.3 };
/** After so long without speech the mouth is somebody else's. */
const SILENT_AFTER_S = 0.3;

/** The vowels of speech from moment to moment, smoothed. */
export class SpeechShapes {
  private readonly loudness = new Loudness();
  private readonly classifier = new VowelClassifier();
  private shown: VowelWeights = noVowels;
  private silentS = SILENT_AFTER_S;

  constructor(private readonly sampleRate: number) {}

  /** The vowels of the next moment, `seconds` after the last; `null` while nobody speaks. */
  next(samples: Float32Array, seconds: number): VowelWeights | null {
    const loud = this.loudness.measure(samples, seconds);
    this.silentS = loud > 0 ? 0 : this.silentS + seconds;
    const heard = loud > 0 ? this.heard(samples, loud) : noVowels;
    const shown: Record<string, number> = {};
    for (const vowel of vowels) {
      const before = this.shown[vowel];
      const share = 1 - Math.exp(-seconds / (heard[vowel] > before ? ATTACK_S : RELEASE_S));
      shown[vowel] = before + share * (heard[vowel] - before);
    }
    this.shown = shown as VowelWeights;
    return this.silentS < SILENT_AFTER_S ? this.shown : null;
  }

  private heard(samples: Float32Array, loud: number): VowelWeights {
    const found = isVoiced(samples, this.sampleRate) ? formants(samples, this.sampleRate) : null;
    if (!found) return UNVOICED;
    const weights = this.classifier.weigh(...found);
    const open = LEAST_OPEN + (1 - LEAST_OPEN) * loud;
    return Object.fromEntries(vowels.map((vowel) => [vowel, open * weights[vowel]])) as Record<
      (typeof vowels)[number],
      number
    >;
  }
}

/** Whether a sound repeats itself 70 to 400 times a second, as voices do. */
export function isVoiced(samples: Float32Array, sampleRate: number): boolean {
  const shortest = Math.floor(sampleRate / 400);
  const longest = Math.min(Math.ceil(sampleRate / 70), samples.length >> 1);
  let best = 0;
  for (let lag = shortest; lag <= longest; lag++) {
    let [product, first, second] = [0, 1e-12, 1e-12];
    for (let index = lag; index < samples.length; index++) {
      product += samples[index] * samples[index - lag];
      first += samples[index] * samples[index];
      second += samples[index - lag] * samples[index - lag];
    }
    best = Math.max(best, product / Math.sqrt(first * second));
  }
  return best > 0.45;
}
