/** The nearest whole number, and of two the even one: as Python rounds, so that widths are the server's. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
