const TAPS = 48;

/** Every so-many-th sample of a sound, without what would fold down into it. */
export class Decimator {
  private readonly filter: Float32Array;
  private readonly past: Float32Array;
  private phase = 0;

  constructor(private readonly factor: number) {
    // A windowed sinc that ends at 0.42 of the new sample rate.
    const cutoff = 0.42 / factor;
    const length = TAPS * factor;
    this.filter = new Float32Array(length);
    let sum = 0;
    for (let index = 0; index < length; index++) {
      const at = index - (length - 1) / 2;
      const sinc = at === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * at) / (Math.PI * at);
      this.filter[index] = sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * index) / (length - 1)));
      sum += this.filter[index];
    }
    for (let index = 0; index < length; index++) this.filter[index] /= sum;
    this.past = new Float32Array(length);
  }

  /** Hand each sample of the slower rate to `take`. */
  push(samples: Float32Array, take: (sample: number) => void): void {
    const { past, filter, factor } = this;
    for (const sample of samples) {
      past.copyWithin(0, 1);
      past[past.length - 1] = sample;
      this.phase = (this.phase + 1) % factor;
      if (this.phase !== 0) continue;
      let sum = 0;
      for (let index = 0; index < filter.length; index++) sum += filter[index] * past[index];
      take(sum);
    }
  }
}
