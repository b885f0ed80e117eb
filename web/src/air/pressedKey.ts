import type { Key } from "./Key";
import { keyAt } from "./keyAt";

/** How far clicks scatter around a key's middle, as a share of its size: the standard deviation. */
const SCATTER = 0.2;
/** The chance of a letter with which no known word goes on: names and rare words must be typed as well. */
const LEAST_CHANCE = 0.03;

/**
 * The key that a click at a point of the surface means: the one there, but among letters the likeliest by where it is and what
 * words go on with, so that a click that just misses its key is the right one (Goodman and others, IUI 2002, for touch).
 *
 * `chances`: of the next letters, by letter.
 */
export function pressedKey(
  keys: readonly Key[],
  x: number,
  y: number,
  held: string | null,
  chances: ReadonlyMap<string, number>,
): Key | null {
  const there = keyAt(keys, x, y, held);
  if (!there || !isLetter(there)) return there;
  let best = { key: there, score: Number.NEGATIVE_INFINITY };
  for (const key of keys) {
    if (!isLetter(key)) continue;
    const aside = (x - (key.x + key.width / 2)) / key.width;
    const below = (y - (key.y + key.height / 2)) / key.height;
    const chance = (chances.get(key.id) ?? 0) + LEAST_CHANCE;
    const score = Math.log(chance) - (aside ** 2 + below ** 2) / (2 * SCATTER ** 2);
    if (score > best.score) best = { key, score };
  }
  return best.key;
}

function isLetter(key: Key): boolean {
  return /^[a-z]$/.test(key.id);
}
