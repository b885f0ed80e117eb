import type { CustomGesture } from "mocast-client";
import { featureCount } from "./features";

/** As many as a session takes. */
export const mostGestures = 32;

const TYPE = "mocast-gestures";
const VERSION = 1;
const NAME_LENGTH = 40;
const RADII = { least: 0.05, most: 2 };
const FEATURE_LIMIT = 8;

/** Gestures as a JSON text, for other browsers and for programs. */
export function writeGestures(gestures: readonly CustomGesture[]): string {
  return `${JSON.stringify({ type: TYPE, version: VERSION, gestures }, null, 1)}\n`;
}

/** The gestures in such a text. Throws an `Error` of one sentence where it holds something else. */
export function readGestures(text: string): readonly CustomGesture[] {
  const file = parse(text);
  if (file?.type !== TYPE || !Array.isArray(file.gestures)) throw new Error("This file holds no gestures.");
  if (file.version !== VERSION) throw new Error("These gestures are of another version.");
  return file.gestures.map((gesture: unknown, at: number) => {
    const read = asGesture(gesture);
    if (!read) throw new Error(`Gesture ${at + 1} of this file cannot be read.`);
    return read;
  });
}

/** The gesture in what was stored or imported, with nothing else; `null` where it is none. */
export function asGesture(value: unknown): CustomGesture | null {
  const { name, features, radius, hand, oriented } = (value ?? {}) as Partial<CustomGesture>;
  const isNamed = typeof name === "string" && name.trim().length > 0 && name.length <= NAME_LENGTH;
  const hasFeatures =
    Array.isArray(features) &&
    features.length === featureCount &&
    features.every((feature) => typeof feature === "number" && Math.abs(feature) <= FEATURE_LIMIT);
  const hasRadius = typeof radius === "number" && radius >= RADII.least && radius <= RADII.most;
  const hasHand = hand === "any" || hand === "left" || hand === "right";
  if (!isNamed || !hasFeatures || !hasRadius || !hasHand || typeof oriented !== "boolean") return null;
  return { name, features, radius, hand, oriented };
}

// biome-ignore lint/suspicious/noExplicitAny: it is what a stranger's file holds.
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
