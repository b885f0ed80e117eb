import type { Key } from "./Key";

/** How far beyond its edge a key still holds the cursor, as a share of its size: less than what a hand trembles. */
const HOLD = 0.12;

/** The key at a point of the surface; on the border of two keys, the one at which the cursor was before: `held`. */
export function keyAt(keys: readonly Key[], x: number, y: number, held: string | null): Key | null {
  const before = keys.find(({ id }) => id === held);
  if (before && contains(before, x, y, HOLD)) return before;
  return keys.find((key) => contains(key, x, y, 0)) ?? null;
}

function contains(key: Key, x: number, y: number, margin: number): boolean {
  const aside = margin * key.width;
  const above = margin * key.height;
  // The surface's last row and column have their far edges, too.
  return (
    x >= key.x - aside &&
    x <= key.x + key.width + aside &&
    y >= key.y - above &&
    y <= key.y + key.height + above
  );
}
