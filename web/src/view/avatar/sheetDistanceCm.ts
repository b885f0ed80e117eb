const SHEET_CM = 29.7;

/** How far from a camera of this field of view, side to side, a sheet of A4 held crosswise fills its picture. */
export function sheetDistanceCm(fieldOfViewDeg: number): number {
  return SHEET_CM / (2 * Math.tan((fieldOfViewDeg * Math.PI) / 360));
}
