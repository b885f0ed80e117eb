import { useEffect } from "preact/hooks";
import type { Calibrator, Measurement, Step } from "../../state/Calibrator";
import { Icon } from "../controls/Icon";
import { LiveRegion } from "../controls/LiveRegion";
import { useStore } from "../controls/useStore";
import { requestFailureText } from "../text/requestFailureText";
import "./CalibrationNotice.css";

const DONE_MS = 2500;

/** The calibration's instructions over the stage; Escape cancels it. */
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
  return (
    <LiveRegion>{is !== "idle" && <Instruction calibrator={calibrator} now={measurement} />}</LiveRegion>
  );
}

function Instruction({ calibrator, now }: { calibrator: Calibrator; now: Measurement }) {
  const { is } = now;
  const isRunning = is === "counting" || is === "measuring" || is === "again";
  return (
    <div class={`calibration is-${is}`}>
      {is === "counting" && (
        <b class="count" aria-hidden="true">
          {now.leftS}
        </b>
      )}
      {is === "measuring" && (
        <span class="progress" key={now.step} style={{ "--seconds": `${now.seconds}s` }}>
          <i />
        </span>
      )}
      {is === "done" && <Icon name="check" />}
      {is === "failed" && <Icon name="warning" />}
      <p>{words(now)}</p>
      {is !== "done" && (
        <button type="button" class="button is-small" onClick={() => calibrator.close()}>
          {isRunning ? "Cancel" : "Close"}
        </button>
      )}
    </div>
  );
}

const WORDS: Record<Step, string> = {
  rest: "Look at the screen, face relaxed, mouth closed.",
  eyes: "Close both eyes for a moment, then open them.",
  mouth: "Open your mouth wide.",
  smile: "Smile, as broad as you can.",
  pucker: "Purse your lips, as for a kiss.",
  "t-pose": "Hold still.",
};

function words(measurement: Measurement): string {
  switch (measurement.is) {
    case "counting":
      return measurement.step === "t-pose"
        ? "Step back until your hips are in the picture, arms straight out to the sides, face relaxed."
        : WORDS[measurement.step];
    case "measuring":
      return WORDS[measurement.step];
    case "again":
      return "Your face was not seen well. Look into the camera, face relaxed.";
    case "done":
      return "Calibrated.";
    case "failed":
      return requestFailureText(measurement.failure);
    case "idle":
      return "";
  }
}
