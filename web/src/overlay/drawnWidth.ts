/**
 * How wide a canvas must draw what OpenCV draws `thickness` pixels wide, measured by the coverage that OpenCV's lines and
 * discs have at all angles. It goes out to whole pixels on both sides, and softens the edges outwards.
 */
export const drawnWidth = {
  line(thickness: number): number {
    return thickness > 1 ? 2 * Math.ceil(thickness / 2) + 1.36 : 1.33;
  },

  disc(diameter: number): number {
    return diameter + (diameter > 4 ? 1.15 : 0.7);
  },
};
