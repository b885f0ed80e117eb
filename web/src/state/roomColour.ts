/** How much of a room's colour its light takes: a picture's colours are a camera's, too, whose white balance hides half. */
const SHARE = 0.6;
/** The light of the brightest and of the darkest room, in comparison with the presets'. */
const LEVELS = [0.4, 1.05] as const;
/** The mean, 0..1, of pictures of well lit rooms. */
const WELL_LIT = 0.45;
/** People sit in the middle of a picture: of each row and column so much at either end counts. */
const BORDER = 0.25;

/** The light of a room by a small RGBA picture of it: red, green and blue, 0..1, of its border. */
export function roomColour(pixels: ArrayLike<number>, width: number, height: number): readonly number[] {
  const sum = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (isInside((x + 0.5) / width) && isInside((y + 0.5) / height)) continue;
      for (let c = 0; c < 3; c += 1) sum[c] += pixels[(y * width + x) * 4 + c] / 255;
      count += 1;
    }
  }
  const mean = sum.map((value) => value / Math.max(count, 1));
  const most = Math.max(...mean);
  const level = Math.min(Math.max(most / WELL_LIT, LEVELS[0]), LEVELS[1]);
  return mean.map((value) => Math.min(1, level * (1 - SHARE + (most > 0 ? (SHARE * value) / most : SHARE))));
}

function isInside(share: number): boolean {
  return share > BORDER && share < 1 - BORDER;
}
