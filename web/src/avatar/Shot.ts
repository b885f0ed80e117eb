/** What a camera must show: `height` and `width` metres around a point. */
export interface Shot {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly height: number;
  readonly width: number;
}
