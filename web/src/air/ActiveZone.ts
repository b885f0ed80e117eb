/** The part of the picture that a hand reaches with ease, for all of the surface that the cursor moves on. */
export interface ActiveZone {
  /** Its middle in image space: x to the picture's right, y down, 0..1. */
  readonly x: number;
  readonly y: number;
  /** Its width and height as a share of the picture's. */
  readonly size: number;
}

/** In front of the chest of somebody who sits in the middle; some 30 cm wide where the picture shows 80. */
export const defaultZone: ActiveZone = { x: 0.5, y: 0.55, size: 0.4 };
