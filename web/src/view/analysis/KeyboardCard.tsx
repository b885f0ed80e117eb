import type { ActiveZone } from "../../air/ActiveZone";
import type { LiveController } from "../../state/LiveController";
import { Slider } from "../controls/Slider";
import { Switch } from "../controls/Switch";
import { useStore } from "../controls/useStore";

interface Props {
  readonly live: LiveController;
  readonly isOn: boolean;
  readonly zone: ActiveZone;
  onChange(isOn: boolean): void;
  onZone(zone: ActiveZone): void;
}

const SIZES = { minimum: 0.2, maximum: 0.8 };
const PLACES = { minimum: 0.2, maximum: 0.8 };
const percent = (value: number) => `${Math.round(value * 100)} %`;

/** Whether the keyboard in the air is shown, and where the hand moves for it. */
export function KeyboardCard({ live, isOn, zone, onChange, onZone }: Props) {
  const { tracker } = useStore(live.settings);
  const hasHands = tracker === "holistic" || tracker === "hands";
  return (
    <section class="card">
      <h2>Air keyboard</h2>
      <small>
        Point with a hand, and pinch thumb and index finger to press. Both hands can type. A demonstration of
        how fast a gesture comes back.
      </small>
      <div class="field switches">
        <Switch
          label="Type in the air"
          hint="Shows a keyboard over the picture, and a cursor for each hand"
          isOn={isOn}
          onChange={onChange}
        />
      </div>
      {isOn && !hasHands && (
        <p class="remark">
          Hands are not followed.{" "}
          <button type="button" class="button is-small" onClick={() => live.change({ tracker: "holistic" })}>
            Follow them
          </button>
        </p>
      )}
      {isOn && (
        <>
          <Slider
            label="Reach"
            hint="How much of the picture the hand moves in: less is less effort, more is calmer"
            bounds={SIZES}
            step={0.05}
            value={zone.size}
            text={percent}
            onChange={(size) => onZone({ ...zone, size })}
          />
          <Slider
            label="Across"
            hint="Where the middle of the keyboard is, from the left of the picture that you see"
            bounds={PLACES}
            step={0.05}
            value={1 - zone.x}
            text={percent}
            onChange={(x) => onZone({ ...zone, x: 1 - x })}
          />
          <Slider
            label="Down"
            hint="Where the middle of the keyboard is, from the top of the picture"
            bounds={PLACES}
            step={0.05}
            value={zone.y}
            text={percent}
            onChange={(y) => onZone({ ...zone, y })}
          />
        </>
      )}
    </section>
  );
}
