/** VRM's vowels. */
export const vowels = ["aa", "ih", "ou", "ee", "oh"] as const;
export type Vowel = (typeof vowels)[number];
/** 0..1 each, at most 1 together. */
export type VowelWeights = Readonly<Record<Vowel, number>>;

export const noVowels: VowelWeights = { aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 };

/**
 * The mean first and second formants of men, in Hz: of "hod", "heed", "who'd", "hayed" and "hoed" (Hillenbrand et al.,
 * "Acoustic characteristics of American English vowels", 1995, table V).
 */
const MEN: Readonly<Record<Vowel, readonly [number, number]>> = {
  aa: [768, 1333],
  ih: [342, 2322],
  ou: [378, 997],
  ee: [476, 2089],
  oh: [497, 910],
};
/** A smaller mouth has higher formants: women's are by 1.17 higher in the mean, children's by 1.3. */
const SIZES = [0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35];
/** How far a vowel reaches: differences in the logarithms of the formants. */
const REACH = 0.16;
/** The second formant says more of a vowel's place than the first, which varies with how loud it is. */
const FIRST_SHARE = 0.8;
/** Of a voiced moment, in what is known of the speaker: some three seconds of vowels are remembered. */
const LEARNING = 0.01;

/** Tells vowels apart by their formants, and learns meanwhile how large the speaker's mouth is. */
export class VowelClassifier {
  private readonly misfit = SIZES.map((size) => 0.02 * Math.abs(Math.log(size / 1.1)));

  /** How much of each vowel is in a moment with these formants; 1 in all. */
  weigh(first: number, second: number): VowelWeights {
    this.learn(first, second);
    const size = SIZES[this.misfit.indexOf(Math.min(...this.misfit))];
    const scores = vowels.map((vowel) =>
      Math.exp(-distance(vowel, first / size, second / size) / (2 * REACH * REACH)),
    );
    const sum = scores.reduce((total, score) => total + score, 0) || 1;
    return Object.fromEntries(vowels.map((vowel, index) => [vowel, scores[index] / sum])) as Record<
      Vowel,
      number
    >;
  }

  private learn(first: number, second: number): void {
    for (const [index, size] of SIZES.entries()) {
      const nearest = Math.min(...vowels.map((vowel) => distance(vowel, first / size, second / size)));
      this.misfit[index] += LEARNING * (nearest - this.misfit[index]);
    }
  }
}

function distance(vowel: Vowel, first: number, second: number): number {
  const [meanFirst, meanSecond] = MEN[vowel];
  const up = Math.log(first / meanFirst);
  const across = Math.log(second / meanSecond);
  return FIRST_SHARE * up * up + across * across;
}
