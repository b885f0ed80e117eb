import type { Info, Quality } from "mocast-client";
import type { SegmentLabel } from "../controls/SegmentedControl";

type Labels = Readonly<Record<Quality, Required<SegmentLabel>>>;

/** What each quality does with the engine `openvino`. Measurements: docs/tracking.md. */
const OPENVINO: Labels = {
  exact: { label: "Exact", hint: "Finds what MediaPipe finds, to its own noise" },
  balanced: { label: "Balanced", hint: "The best for most: twice as fast as MediaPipe" },
  fast: {
    label: "Fast",
    hint: "Three times as fast as MediaPipe; calm parts are looked at in every second frame",
  },
};
/** The same for the engine `mediapipe`. */
const MEDIAPIPE: Labels = {
  exact: { label: "Exact", hint: "MediaPipe itself" },
  balanced: { label: "Balanced", hint: "With the engine mediapipe the same as exact" },
  fast: { label: "Fast", hint: "A smaller network for the hands" },
};

/** What each quality does with an engine; with `openvino`, the default, while the server has not said which runs. */
export function qualityLabels(engine: Info["engine"] | undefined): Labels {
  return engine === "mediapipe" ? MEDIAPIPE : OPENVINO;
}
