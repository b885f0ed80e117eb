/**
 * The coefficients a1..an of the all-pole filter 1 / (1 + a1 z^-1 + ...) that a sound is likely to have come through: by
 * autocorrelation and the recursion of Levinson and Durbin (Makhoul, "Linear prediction: A tutorial review", 1975).
 * `null` for silence.
 */
export function linearPrediction(samples: Float32Array, order: number): Float64Array | null {
  const correlation = new Float64Array(order + 1);
  for (let lag = 0; lag <= order; lag++) {
    let sum = 0;
    for (let index = lag; index < samples.length; index++) sum += samples[index] * samples[index - lag];
    correlation[lag] = sum;
  }
  // A trace of white noise, without which a pure tone has no answer.
  let error = correlation[0] * (1 + 1e-6);
  if (error < 1e-12) return null;
  const found = new Float64Array(order);
  const before = new Float64Array(order);
  for (let size = 0; size < order; size++) {
    let sum = correlation[size + 1];
    for (let index = 0; index < size; index++) sum += found[index] * correlation[size - index];
    const reflection = -sum / error;
    before.set(found);
    for (let index = 0; index < size; index++) found[index] += reflection * before[size - 1 - index];
    found[size] = reflection;
    error *= 1 - reflection * reflection;
    if (error <= 0) return null;
  }
  return found;
}
