/** What the camera shows: at least `height` and `width` metres around a point. */
export interface Shot {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly height: number;
  readonly width: number;
}
