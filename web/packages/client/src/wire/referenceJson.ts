import { frameToJson } from "./frameToJson";
import type { TrackedFrame } from "./TrackedFrame";

/** As many moments of a motion are compared: docs/analysis.md. */
const POSES_PER_S = 15;
/** That a server takes of a motion. */
const MOST_POSES = 300;
const PTS_PER_S = 90_000;

/** A frame's pose, or a motion by its frames, as the server takes it. Throws a `RangeError` where no body is in it. */
export function referenceJson(reference: TrackedFrame | readonly TrackedFrame[]): Record<string, unknown> {
  const frames = "pose" in reference ? [reference] : reference;
  const seen = frames.filter(({ pose }) => pose);
  if (seen.length === 0) throw new RangeError("A reference needs a body: no pose was found.");
  if ("pose" in reference) return poseJson(reference);
  const atS = seen.map(({ pts }) => ((pts - seen[0].pts) >>> 0) / PTS_PER_S);
  const perS = Math.min(POSES_PER_S, (MOST_POSES - 1) / Math.max(atS[atS.length - 1], 1));
  const motion = new Map<number, object>();
  for (const [index, frame] of seen.entries()) {
    const moment = Math.floor(atS[index] * perS + 0.01);
    if (!motion.has(moment)) motion.set(moment, { at: atS[index], ...poseJson(frame) });
  }
  return { motion: [...motion.values()] };
}

function poseJson(frame: TrackedFrame): Record<string, unknown> {
  const { world, visibility } = frameToJson(frame).pose as Record<string, unknown>;
  return { world, visibility };
}
