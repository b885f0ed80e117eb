/** Above the room's noise by so much a sound is speech; by so much more it is as loud as it gets. */
const SPEECH_DB = 10;
const LOUD_DB = 22;
/** Below this nothing is speech, however quiet the room is. */
const QUIETEST_DB = -58;
/** How fast the estimate of the noise rises while it is louder; it falls at once. In dB a second. */
const NOISE_RISE_DB = 1;

/** How loud speech is above a room's noise, which it learns. */
export class Loudness {
  private noiseDb = QUIETEST_DB;

  /** 0: no speech; 1: loud. `seconds`: since the last time. */
  measure(samples: Float32Array, seconds: number): number {
    let power = 0;
    for (const sample of samples) power += sample * sample;
    const level = 10 * Math.log10(power / samples.length + 1e-12);
    this.noiseDb = Math.max(Math.min(level, this.noiseDb + NOISE_RISE_DB * seconds), QUIETEST_DB - SPEECH_DB);
    const above = level - Math.max(this.noiseDb + SPEECH_DB, QUIETEST_DB);
    return Math.min(Math.max(above / LOUD_DB, 0), 1);
  }
}
