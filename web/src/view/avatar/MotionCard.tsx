import type { Settings } from "../../api/Settings";
import type { Calibrator } from "../../state/Calibrator";
import { Icon } from "../controls/Icon";
import { SegmentedControl, type SegmentOption } from "../controls/SegmentedControl";
import { useStore } from "../controls/useStore";

const SMOOTHINGS: SegmentOption[] = [
  { value: "responsive", label: "Responsive", hint: "Follows at once" },
  { value: "balanced", label: "Balanced", hint: "The best for most" },
  { value: "smooth", label: "Smooth", hint: "Stands calmer, follows a little later" },
];
const BODIES: SegmentOption[] = [
  { value: "auto", label: "Automatic", hint: "Seated while the picture does not show your hips" },
  { value: "full", label: "Full", hint: "Always follow the legs" },
  { value: "half", label: "Seated", hint: "The legs rest" },
];

interface Props {
  readonly settings: Settings;
  readonly calibrator: Calibrator;
  readonly isLive: boolean;
  onChange(change: Partial<Settings>): void;
}

/** How the avatar follows the person. */
export function MotionCard({ settings, calibrator, isLive, onChange: set }: Props) {
  const calibration = useStore(calibrator.calibration);
  const { is } = useStore(calibrator.measurement);
  const isOff = !isLive || is === "counting" || is === "measuring" || is === "again";
  return (
    <section class="card">
      <h2>Motion</h2>
      <SegmentedControl
        legend="Smoothing"
        options={SMOOTHINGS}
        value={settings.smoothing}
        onChoose={(smoothing) => set({ smoothing })}
      />
      <SegmentedControl
        legend="Body"
        options={BODIES}
        value={settings.body}
        onChoose={(body) => set({ body })}
      />
      <fieldset class="field">
        <legend>Calibration</legend>
        <div class="row">
          <button type="button" class="button" disabled={isOff} onClick={() => calibrator.start(false)}>
            <Icon name="target" />
            Calibrate
          </button>
          <button
            type="button"
            class="button"
            disabled={isOff}
            title="Measures your body, with arms straight out to the sides"
            onClick={() => calibrator.start(true)}
          >
            T-pose
          </button>
          {calibration && (
            <button
              type="button"
              class="button is-icon"
              aria-label="Forget the calibration"
              title="Forget the calibration"
              onClick={() => calibrator.reset()}
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
