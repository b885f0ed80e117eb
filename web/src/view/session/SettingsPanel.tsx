import type { ServerInfo } from "../../api/ServerInfo";
import type { Settings } from "../../api/Settings";
import { SegmentedControl, type SegmentOption } from "../controls/SegmentedControl";
import { Slider } from "../controls/Slider";
import { Switch } from "../controls/Switch";
import { OverlayPicker } from "./OverlayPicker";
import { qualityOptions } from "./qualityOptions";

const TRACKERS: Record<string, SegmentOption> = {
  holistic: { value: "holistic", label: "Everything", hint: "Body, face and hands" },
  pose: { value: "pose", label: "Body", hint: "33 joints" },
  hands: { value: "hands", label: "Hands", hint: "21 joints of each hand" },
  face: { value: "face", label: "Face", hint: "478 points with irises" },
};
const PACES: SegmentOption[] = [
  { value: "sync", label: "In step", hint: "Each picture carries its own landmarks" },
  { value: "smooth", label: "Smooth", hint: "Every camera frame comes back, landmarks predicted to it" },
];
const BACKGROUNDS: SegmentOption[] = [
  { value: "video", label: "Picture" },
  { value: "dim", label: "Dimmed" },
  { value: "black", label: "Black", hint: "Nothing of the picture is shown" },
];
const PRIVACIES: SegmentOption[] = [
  { value: "off", label: "Shown" },
  { value: "blur", label: "Blurred" },
  { value: "pixelate", label: "Pixelated" },
];
const OVERLAYS = ["classic", "limbs", "rainbow", "mesh", "contours"];

const percent = (value: number) => `${Math.round(value * 100)} %`;

interface Props {
  readonly settings: Settings;
  /** What the server offers; `null` while it has not said. */
  readonly info: ServerInfo | null;
  /** A still picture has no pace and no figures. */
  readonly isStill: boolean;
  onChange(change: Partial<Settings>): void;
}

/** How the picture is tracked and drawn; changes take effect at once. */
export function SettingsPanel({ settings, info, isStill, onChange: set }: Props) {
  // The server refuses the two together: who sees only hands cannot cover a face.
  const seesNoFace = settings.tracker === "hands";
  const coversFaces = settings.privacy !== "off";
  const qualities = qualityOptions(info?.engine);
  return (
    <form class="settings" aria-label="Settings" onSubmit={(event) => event.preventDefault()}>
      <section class="card">
        <h2>Tracking</h2>
        <SegmentedControl
          legend="Follow"
          options={offered(TRACKERS, info?.trackers).map((option) =>
            option.value === "hands" ? { ...option, isDisabled: coversFaces } : option,
          )}
          value={settings.tracker}
          remark={coversFaces ? "Hands alone cannot be followed while faces are covered." : ""}
          onChoose={(tracker) => set({ tracker })}
        />
        <SegmentedControl
          legend="Quality"
          options={offered(qualities, info?.qualities)}
          value={settings.quality}
          remark={isStill ? "" : qualities[settings.quality]?.hint}
          onChoose={(quality) => set({ quality })}
        />
        {!isStill && (
          <SegmentedControl
            legend="Pace"
            options={PACES}
            value={settings.pace}
            remark={
              coversFaces && settings.pace === "smooth"
                ? "In step while faces are covered: a predicted cover might miss one."
                : ""
            }
            onChoose={(pace) => set({ pace })}
          />
        )}
        <Slider
          label="Confidence"
          hint="Joints that the tracker is less sure of are not drawn"
          min={0}
          max={1}
          step={0.05}
          value={settings.confidence}
          text={percent}
          onChange={(confidence) => set({ confidence })}
        />
      </section>
      <section class="card">
        <h2>Drawing</h2>
        <OverlayPicker
          overlays={info?.overlays ?? OVERLAYS}
          chosen={settings.overlay}
          onChoose={(overlay) => set({ overlay })}
        />
        <Slider
          label="Line width"
          hint="Over the width that fits the picture's size"
          min={0.25}
          max={4}
          step={0.25}
          value={settings.line_width}
          text={(value) => `${value} ×`}
          onChange={(line_width) => set({ line_width })}
        />
        <Slider
          label="Opacity"
          hint="Of the overlays over the picture"
          min={0}
          max={1}
          step={0.05}
          value={settings.opacity}
          text={percent}
          onChange={(opacity) => set({ opacity })}
        />
      </section>
      <section class="card">
        <h2>Picture</h2>
        <SegmentedControl
          legend="Background"
          options={BACKGROUNDS}
          value={settings.background}
          onChoose={(background) => set({ background })}
        />
        <SegmentedControl
          legend="Faces"
          options={PRIVACIES.map((option) => ({
            ...option,
            isDisabled: seesNoFace && option.value !== "off",
          }))}
          value={settings.privacy}
          remark={seesNoFace ? "Faces cannot be covered while only hands are followed." : ""}
          onChoose={(privacy) => set({ privacy })}
        />
        <div class="field switches">
          <Switch
            label="Mirror"
            hint="Flip the returned picture left to right; the landmarks stay as they are"
            isOn={settings.mirror}
            onChange={(mirror) => set({ mirror })}
          />
          {!isStill && (
            <Switch
              label="Figures in the picture"
              hint="Frames per second, tracking time and delay at the picture's top"
              isOn={settings.hud}
              onChange={(hud) => set({ hud })}
            />
          )}
        </div>
      </section>
    </form>
  );
}

/** What the server has; all that the page knows while the server has not said. */
function offered(
  known: Record<string, SegmentOption>,
  names: readonly string[] | undefined,
): SegmentOption[] {
  return (names ?? Object.keys(known)).map((name) => known[name] ?? { value: name, label: name });
}
