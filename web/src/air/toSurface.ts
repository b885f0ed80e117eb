import type { ActiveZone } from "./ActiveZone";

/**
 * Where a point of the picture lies on the surface, 0..1 from its top left: as in a mirror, so that the hand's own right is
 * the surface's. A point beyond the zone lies on the edge.
 */
export function toSurface(
  imageX: number,
  imageY: number,
  zone: ActiveZone,
): { readonly x: number; readonly y: number } {
  return {
    x: within(0.5 - (imageX - zone.x) / zone.size),
    y: within(0.5 + (imageY - zone.y) / zone.size),
  };
}

function within(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
