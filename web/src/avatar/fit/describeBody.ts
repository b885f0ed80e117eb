import type { Vector3 } from "three";
import type { Proportions } from "./Proportions";

/** An avatar's proportions as the server takes them: docs/openapi.yaml, `AvatarBody`. */
export interface AvatarBody {
  readonly offsets: number[][];
  readonly middles: number[][];
  readonly sizes: number[][];
  readonly hand: number;
  readonly capsules: number[][];
}

const MOST_CAPSULES = 32;

/** The proportions, to the tenth of a millimetre: what the server needs to know of an avatar, which stays here. */
export function describeBody({ offsets, middles, sizes, handLength, capsules }: Proportions): AvatarBody {
  const all = (vectors: readonly Vector3[]) => vectors.map((vector) => vector.toArray().map(rounded));
  return {
    offsets: all(offsets),
    middles: all(middles),
    sizes: all(sizes).map((size) => size.map((half) => Math.max(half, 0.001))),
    hand: Math.max(rounded(handLength), 0.001),
    capsules: capsules
      .slice(0, MOST_CAPSULES)
      .map(({ at, start, end, radius }) => [
        at,
        ...[...start.toArray(), ...end.toArray(), radius].map(rounded),
      ]),
  };
}

function rounded(metres: number): number {
  return Math.round(metres * 1e4) / 1e4;
}
