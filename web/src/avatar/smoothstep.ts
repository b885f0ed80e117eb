/** A share of 0..1, eased at both ends, so that nothing starts or stops with a jerk. */
export function smoothstep(share: number): number {
  return share * share * (3 - 2 * share);
}
