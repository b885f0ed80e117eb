import type { Vector3 } from "three";

/** A gust passes an avatar from side to side in this time for each metre. */
const PASSES_S = 0.9;
/** Cycles a second of the parts that the gusts are made of; no two have a common multiple that anyone waits for. */
const GUSTS_HZ = [0.11, 0.27, 0.61, 1.43] as const;
const SHARES = [0.4, 0.3, 0.2, 0.1] as const;
/** It turns by as much about the vertical, radians, as slowly. */
const TURNS = 0.6;
const TURNS_HZ = 0.043;

/**
 * Write the wind of a moment at a place that is `x` metres to the right: a horizontal direction, mostly to the right, with a
 * length of 0.2 to 1. The same seed gives the same wind.
 */
export function windAt(timeS: number, x: number, seed: number, into: Vector3): Vector3 {
  const time = timeS - x * PASSES_S;
  let gust = 0;
  for (let part = 0; part < GUSTS_HZ.length; part += 1)
    gust += SHARES[part] * Math.sin(2 * Math.PI * (time * GUSTS_HZ[part] + phase(seed, part)));
  const angle = TURNS * Math.sin(2 * Math.PI * (timeS * TURNS_HZ + phase(seed, GUSTS_HZ.length)));
  return into.set(Math.cos(angle), 0, Math.sin(angle)).multiplyScalar(0.6 + 0.4 * gust);
}

/** 0..1, of no order. */
function phase(seed: number, part: number): number {
  const sine = Math.sin(seed * 12.9898 + part * 78.233) * 43758.5453;
  return sine - Math.floor(sine);
}
