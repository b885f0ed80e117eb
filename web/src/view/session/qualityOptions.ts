import type { SegmentOption } from "../controls/SegmentedControl";

/** What each quality does with the engine `openvino`. Measurements: docs/tracking.md. */
const OPENVINO: Record<string, SegmentOption> = {
  exact: { value: "exact", label: "Exact", hint: "Finds what MediaPipe finds, to its own noise" },
  balanced: { value: "balanced", label: "Balanced", hint: "The best for most: twice as fast as MediaPipe" },
  fast: {
    value: "fast",
    label: "Fast",
    hint: "Three times as fast as MediaPipe; calm parts are looked at in every second frame",
  },
};
/** The same for the engine `mediapipe`. */
const MEDIAPIPE: Record<string, SegmentOption> = {
  exact: { value: "exact", label: "Exact", hint: "MediaPipe itself" },
  balanced: { value: "balanced", label: "Balanced", hint: "With the engine mediapipe the same as exact" },
  fast: { value: "fast", label: "Fast", hint: "A smaller network for the hands" },
};

/** The qualities as an engine's users see them; of `openvino`, the default, where the engine is not known yet. */
export function qualityOptions(engine: string | undefined): Record<string, SegmentOption> {
  return engine === "mediapipe" ? MEDIAPIPE : OPENVINO;
}
