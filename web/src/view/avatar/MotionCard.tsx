import {
  type AllSettings,
  type BodyMode,
  type CameraMode,
  type ExpressionStyle,
  publishOptions,
  type RootMode,
  type Settings,
  type Smoothing,
} from "mocast-client";
import type { Calibrator } from "../../state/Calibrator";
import { Icon } from "../controls/Icon";
import { SegmentedControl, type SegmentLabel } from "../controls/SegmentedControl";
import { Slider } from "../controls/Slider";
import { useStore } from "../controls/useStore";
import { sheetDistanceCm } from "./sheetDistanceCm";

const SMOOTHINGS: Record<Smoothing, SegmentLabel> = {
  responsive: { label: "Responsive", hint: "Follows at once" },
  balanced: { label: "Balanced", hint: "The best for most" },
  smooth: { label: "Smooth", hint: "Stands calmer, follows a little later" },
};
const BODY_MODES: Record<BodyMode, SegmentLabel> = {
  auto: { label: "Automatic", hint: "Seated while the picture does not show your hips" },
  full: { label: "Full", hint: "Always follow the legs" },
  half: { label: "Seated", hint: "The legs rest" },
};
const ROOT_MODES: Record<RootMode, SegmentLabel> = {
  full: { label: "All ways", hint: "The avatar comes nearer as you do" },
  sideways: { label: "Sideways", hint: "It stays as near as it is" },
  none: { label: "Stays", hint: "It steps, crouches and jumps where it stands" },
};
const CAMERA_MODES: Record<CameraMode, SegmentLabel> = {
  auto: { label: "Automatic", hint: "Its tilt and its height are learnt" },
  set: { label: "As I say" },
};
const EXPRESSION_STYLES: Record<ExpressionStyle, SegmentLabel> = {
  subtle: { label: "Subtle", hint: "Less than your face shows" },
  natural: { label: "Natural", hint: "As your face shows it" },
  lively: { label: "Lively", hint: "More, as drawn faces need" },
};

interface Props {
  readonly settings: AllSettings;
  readonly calibrator: Calibrator;
  readonly isLive: boolean;
  /** Who is calibrated. */
  readonly person: number;
  onChange(change: Settings): void;
}

/** How the avatar follows the person. */
export function MotionCard({ settings, calibrator, isLive, person, onChange: set }: Props) {
  const calibration = useStore(calibrator.calibrations)[person];
  const { is } = useStore(calibrator.measurement);
  const isOff = !isLive || is === "counting" || is === "measuring" || is === "again";
  return (
    <section class="card">
      <h2>Motion</h2>
      <SegmentedControl
        legend="Smoothing"
        labels={SMOOTHINGS}
        value={settings.smoothing}
        onChoose={(smoothing) => set({ smoothing })}
      />
      <SegmentedControl
        legend="Body"
        labels={BODY_MODES}
        value={settings.body}
        onChoose={(body) => set({ body })}
      />
      <SegmentedControl
        legend="Movement"
        labels={ROOT_MODES}
        value={settings.root}
        onChoose={(root) => set({ root })}
      />
      <Slider
        label="Field of view"
        hint="How much your camera shows from side to side; right where a sheet of A4, held crosswise, fills the picture from as far as is said"
        bounds={publishOptions.field_of_view}
        step={1}
        value={settings.field_of_view}
        text={(degrees) => `${degrees}° · A4 at ${sheetDistanceCm(degrees).toFixed(0)} cm`}
        onChange={(degrees) => set({ field_of_view: degrees })}
      />
      <SegmentedControl
        legend="Camera's tilt and height"
        labels={CAMERA_MODES}
        value={settings.camera}
        onChoose={(camera) => set({ camera })}
      />
      {settings.camera === "set" && (
        <>
          <Slider
            label="Looks down by"
            hint="Negative: it looks up"
            bounds={publishOptions.camera_tilt}
            step={1}
            value={settings.camera_tilt}
            text={(degrees) => `${degrees}°`}
            onChange={(degrees) => set({ camera_tilt: degrees })}
          />
          <Slider
            label="Over the floor"
            hint="Until your feet were seen to stand"
            bounds={publishOptions.camera_height}
            step={0.05}
            value={settings.camera_height}
            text={(metres) => `${metres.toFixed(2)} m`}
            onChange={(metres) => set({ camera_height: metres })}
          />
        </>
      )}
      <SegmentedControl
        legend="Expressions"
        labels={EXPRESSION_STYLES}
        value={settings.expression_style}
        onChoose={(style) => set({ expression_style: style })}
      />
      <fieldset class="field">
        <legend>Calibration{settings.people > 1 && ` of person ${person + 1}`}</legend>
        <div class="row">
          <button
            type="button"
            class="button"
            disabled={isOff}
            onClick={() => calibrator.start(false, person)}
          >
            <Icon name="target" />
            Calibrate
          </button>
          <button
            type="button"
            class="button"
            disabled={isOff}
            title="Measures your body, with arms straight out to the sides"
            onClick={() => calibrator.start(true, person)}
          >
            T-pose
          </button>
          {calibration && (
            <button
              type="button"
              class="button is-icon"
              aria-label="Forget the calibration"
              title="Forget the calibration"
              onClick={() => calibrator.reset(person)}
            >
              <Icon name="reset" />
            </button>
          )}
        </div>
        <small>
          {calibration
            ? "Calibrated. This browser keeps it and uses it at every start."
            : "Ten seconds that teach it your relaxed face, your eyes and your mouth."}
        </small>
      </fieldset>
    </section>
  );
}
