import type { Option } from "./Choice";

/** What each quality does with the fast engine. docs/tracking.md has the figures. */
const FAST_ENGINE: Record<string, Option> = {
  exact: { value: "exact", label: "Exact", hint: "Finds what MediaPipe finds, to its own noise" },
  balanced: { value: "balanced", label: "Balanced", hint: "The best for most: twice as fast as MediaPipe" },
  fast: {
    value: "fast",
    label: "Fast",
    hint: "Three times as fast as MediaPipe; calm parts are looked at in every second frame",
  },
};
/** The same for MediaPipe's own engine. */
const REFERENCE_ENGINE: Record<string, Option> = {
  exact: { value: "exact", label: "Exact", hint: "MediaPipe itself" },
  balanced: { value: "balanced", label: "Balanced", hint: "With the engine mediapipe the same as exact" },
  fast: { value: "fast", label: "Fast", hint: "A smaller network for the hands" },
};

/** The qualities and what they do with an engine; without one, with that which servers prefer. */
export function qualitiesOf(engine: string | undefined): Record<string, Option> {
  return engine === "mediapipe" ? REFERENCE_ENGINE : FAST_ENGINE;
}
