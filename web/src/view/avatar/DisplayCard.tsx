import type { DisplayOptions } from "../../state/DisplayOptions";
import { FileButton } from "../controls/FileButton";
import { SegmentedControl, type SegmentLabel } from "../controls/SegmentedControl";
import { Switch } from "../controls/Switch";

const FRAMINGS: Record<DisplayOptions["framing"], SegmentLabel> = {
  face: { label: "Face" },
  bust: { label: "Bust" },
  full: { label: "Full" },
};
const BACKGROUNDS: Record<DisplayOptions["background"], SegmentLabel> = {
  transparent: { label: "None", hint: "Transparent in OBS" },
  colour: { label: "Colour", hint: "For apps that cut a colour out" },
  picture: { label: "Picture" },
};

interface Props {
  readonly display: DisplayOptions;
  onChange(change: Partial<DisplayOptions>): void;
  /** A background picture was chosen. */
  onPicture(file: File): void;
}

/** How the avatar is shown. */
export function DisplayCard({ display, onChange: set, onPicture }: Props) {
  return (
    <section class="card">
      <h2>View</h2>
      <SegmentedControl
        legend="Framing"
        labels={FRAMINGS}
        value={display.framing}
        onChoose={(framing) => set({ framing })}
      />
      <SegmentedControl
        legend="Background"
        labels={BACKGROUNDS}
        value={display.background}
        onChoose={(background) => set({ background })}
      />
      {display.background === "colour" && (
        <label class="colour">
          <input
            type="color"
            value={display.colour}
            onInput={({ currentTarget }) => set({ colour: currentTarget.value })}
          />
          Background colour
        </label>
      )}
      {display.background === "picture" && (
        <FileButton label="Choose a picture" icon="picture" accept="image/*" onFile={onPicture} />
      )}
      <div class="field switches">
        <Switch
          label="Mirror"
          hint="The avatar moves as in a mirror; what apps and OBS show is set there"
          isOn={display.mirror}
          onChange={(mirror) => set({ mirror })}
        />
        <Switch
          label="Eyes to the camera"
          hint="The avatar looks at whoever watches, in place of where your eyes look"
          isOn={display.looksAtCamera}
          onChange={(looksAtCamera) => set({ looksAtCamera })}
        />
        <Switch
          label="My picture in the corner"
          hint="The annotated picture, small, beside the avatar"
          isOn={display.inset}
          onChange={(inset) => set({ inset })}
        />
      </div>
    </section>
  );
}
