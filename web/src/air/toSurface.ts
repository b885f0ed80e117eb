import type { ActiveZone } from "./ActiveZone";

/**
 * Where a point of the picture lies on the surface, 0..1 from its top left: as in a mirror, so that the hand's own right is
 * the surface's. Below 0 and above 1 beyond the zone.
 */
export function toSurface(
  imageX: number,
  imageY: number,
  zone: ActiveZone,
): { readonly x: number; readonly y: number } {
  return {
    x: 0.5 - (imageX - zone.x) / zone.size,
    y: 0.5 + (imageY - zone.y) / zone.size,
  };
}
