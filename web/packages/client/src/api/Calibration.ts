/** What the server measured of a person (docs/http-api.md): kept and given back. Only the server reads what is in it. */
export interface Calibration {
  readonly version: number;
  readonly face: unknown;
  /** `null` until the person stood in the T-pose. */
  readonly body: unknown;
}
