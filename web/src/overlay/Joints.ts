/** Landmarks as points that can be drawn. */
export interface Joints {
  /** x, y of each, in pixels. */
  readonly points: Float32Array;
  /** Which of them are drawn: visible enough, and numbers. */
  readonly drawn: readonly boolean[];
  readonly allDrawn: boolean;
}
