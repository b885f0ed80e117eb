/** The value below which a part (0..1) of the values lies, by the nearest rank; `null` where there are none. */
export function percentile(values: readonly number[], part: number): number | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? null;
}
