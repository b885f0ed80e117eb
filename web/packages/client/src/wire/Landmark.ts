/** One landmark; NaN where its message was lost. */
export interface Landmark {
  /** To the right, 0..1 of the picture's width. */
  readonly x: number;
  /** Down, 0..1 of its height. */
  readonly y: number;
  /** Depth on x's scale, negative toward the camera. */
  readonly z: number;
  /** Metres, in the same directions, from the middle of the hips, or from the hand's own centre. */
  readonly world: { readonly x: number; readonly y: number; readonly z: number };
  /** How likely it is in the picture and not hidden, 0..1; a hand's have none. */
  readonly visibility?: number;
}
