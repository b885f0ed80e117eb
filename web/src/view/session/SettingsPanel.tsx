import {
  type AllSettings,
  type Background,
  type Info,
  type Pace,
  type Privacy,
  publishOptions,
  type Settings,
  type Tracker,
} from "mocast-client";
import type { ComponentChildren } from "preact";
import { SegmentedControl, type SegmentLabel } from "../controls/SegmentedControl";
import { Slider } from "../controls/Slider";
import { Switch } from "../controls/Switch";
import { OverlayPicker } from "./OverlayPicker";
import { qualityLabels } from "./qualityLabels";

const TRACKERS: Record<Tracker, SegmentLabel> = {
  holistic: { label: "Everything", hint: "Body, face and hands" },
  pose: { label: "Body", hint: "33 joints" },
  hands: { label: "Hands", hint: "21 joints of each hand" },
  face: { label: "Face", hint: "478 points with irises" },
};
const PEOPLE: Record<string, SegmentLabel> = {
  1: { label: "1", hint: "Whoever is seen best" },
  2: { label: "2" },
  3: { label: "3" },
  4: { label: "4" },
};
const PACES: Record<Pace, SegmentLabel> = {
  sync: { label: "In step", hint: "Each picture carries its own landmarks" },
  smooth: { label: "Smooth", hint: "Every camera frame comes back, with predicted landmarks" },
};
const BACKGROUNDS: Record<Background, SegmentLabel> = {
  video: { label: "Picture" },
  dim: { label: "Dimmed" },
  black: { label: "Black", hint: "Nothing of the picture is shown" },
};
const PRIVACIES: Record<Privacy, SegmentLabel> = {
  off: { label: "Shown" },
  blur: { label: "Blurred" },
  pixelate: { label: "Pixelated" },
};

const percent = (value: number) => `${Math.round(value * 100)} %`;

interface Props {
  readonly settings: AllSettings;
  /** What the server offers; `null` while it has not said. */
  readonly info: Info | null;
  /** A still picture has no pace and no text on it. */
  readonly isStill: boolean;
  /** What more the card of the picture has. */
  readonly children?: ComponentChildren;
  onChange(change: Settings): void;
}

/** How the picture is tracked and drawn; changes take effect at once. */
export function SettingsPanel(props: Props) {
  return (
    <form class="settings" aria-label="Settings" onSubmit={(event) => event.preventDefault()}>
      <TrackingCard {...props} />
      <DrawingCard {...props} />
      <PictureCard {...props} />
    </form>
  );
}

function TrackingCard({ settings, info, isStill, onChange: set }: Props) {
  const qualities = qualityLabels(info?.engine);
  return (
    <section class="card">
      <h2>Tracking</h2>
      <SegmentedControl
        legend="Follow"
        labels={TRACKERS}
        values={info?.trackers}
        value={settings.tracker}
        onChoose={(tracker) => set({ tracker })}
      />
      <SegmentedControl
        legend="Quality"
        labels={qualities}
        values={info?.qualities}
        value={settings.quality}
        remark={isStill ? "" : qualities[settings.quality]?.hint}
        onChoose={(quality) => set({ quality })}
      />
      <SegmentedControl
        legend="People"
        labels={PEOPLE}
        value={String(settings.people)}
        remark={peopleRemark(settings, info)}
        onChoose={(people) => set({ people: Number(people) })}
      />
      {!isStill && (
        <SegmentedControl
          legend="Pace"
          labels={PACES}
          value={settings.pace}
          remark={
            settings.privacy !== "off" && settings.pace === "smooth"
              ? "In step while faces are covered: a predicted cover might miss one."
              : ""
          }
          onChoose={(pace) => set({ pace })}
        />
      )}
      <Slider
        label="Confidence"
        hint="Joints that the tracker is less sure of are not drawn"
        bounds={publishOptions.confidence}
        step={0.05}
        value={settings.confidence}
        text={percent}
        onChange={(confidence) => set({ confidence })}
      />
    </section>
  );
}

/** What having several people tracked costs, or why there is but one. */
function peopleRemark({ people, tracker }: AllSettings, info: Info | null): string {
  if (info && info.engine !== "openvino") return "This server's engine tracks one person.";
  if (tracker === "hands" || tracker === "face")
    return "Several people are tracked with everything, or the body.";
  return people > 1 ? "Each takes as much of the server's time as another camera." : "";
}

function DrawingCard({ settings, info, onChange: set }: Props) {
  return (
    <section class="card">
      <h2>Drawing</h2>
      <OverlayPicker
        overlays={info?.overlays ?? publishOptions.overlay.values}
        chosen={settings.overlay}
        onChoose={(overlay) => set({ overlay })}
      />
      <Slider
        label="Line width"
        hint="Over the width that fits the picture's size"
        bounds={publishOptions.line_width}
        step={0.25}
        value={settings.line_width}
        text={(value) => `${value} ×`}
        onChange={(line_width) => set({ line_width })}
      />
      <Slider
        label="Opacity"
        hint="Of the overlays over the picture"
        bounds={publishOptions.opacity}
        step={0.05}
        value={settings.opacity}
        text={percent}
        onChange={(opacity) => set({ opacity })}
      />
    </section>
  );
}

function PictureCard({ settings, isStill, children, onChange: set }: Props) {
  return (
    <section class="card">
      <h2>Picture</h2>
      {children}
      <SegmentedControl
        legend="Background"
        labels={BACKGROUNDS}
        value={settings.background}
        onChoose={(background) => set({ background })}
      />
      <SegmentedControl
        legend="Faces"
        labels={PRIVACIES}
        value={settings.privacy}
        onChoose={(privacy) => set({ privacy })}
      />
      <div class="field switches">
        <Switch
          label="Mirror"
          hint="Flip the picture left to right; the landmarks stay as they are"
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
  );
}
