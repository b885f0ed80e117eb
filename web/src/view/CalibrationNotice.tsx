import { useEffect } from "preact/hooks";
import type { Calibrator, Measurement } from "../studio/Calibrator";
import { Icon } from "./Icon";
import { reasonText } from "./reasonText";
import { useStore } from "./useStore";

const DONE_MS = 2500;

/** What to do while one is measured, over the stage; Escape calls it off. */
export function CalibrationNotice({ calibrator }: { calibrator: Calibrator }) {
  const measurement = useStore(calibrator.measurement);
  const { is } = measurement;
  useEffect(() => {
    if (is === "idle") return;
    const onKey = ({ key }: KeyboardEvent) => key === "Escape" && calibrator.close();
    const timer = is === "done" ? setTimeout(() => calibrator.close(), DONE_MS) : undefined;
    addEventListener("keydown", onKey);
    return () => {
      clearTimeout(timer);
      removeEventListener("keydown", onKey);
    };
  }, [calibrator, is]);
  if (is === "idle") return null;
  return (
    <div class="calibration" role="status">
      {is === "counting" && <b class="count">{measurement.leftS}</b>}
      {is === "measuring" && (
        <span class="progress" style={{ "--seconds": `${measurement.seconds}s` }}>
          <i />
        </span>
      )}
      {is === "done" && <Icon name="check" />}
      {is === "failed" && <Icon name="warning" />}
      <p>{words(measurement)}</p>
      {is !== "measuring" && is !== "done" && (
        <button type="button" class="button is-small" onClick={() => calibrator.close()}>
          {is === "failed" ? "Close" : "Cancel"}
        </button>
      )}
    </div>
  );
}

function words(measurement: Measurement): string {
  switch (measurement.is) {
    case "counting":
      return measurement.tPose
        ? "Step back until your hips are in the picture, arms straight out to the sides, face relaxed."
        : "Look at the screen, face relaxed, mouth closed.";
    case "measuring":
      return "Hold still.";
    case "done":
      return "Calibrated.";
    case "failed":
      return reasonText(measurement.failure);
    case "idle":
      return "";
  }
}
