import type { AvatarLook } from "../studio/AvatarLook";
import { Choice, type Option } from "./Choice";
import { FileButton } from "./FileButton";
import { Switch } from "./Switch";

const FRAMINGS: Option[] = [
  { value: "face", label: "Face" },
  { value: "bust", label: "Bust" },
  { value: "full", label: "Full" },
];
const BACKGROUNDS: Option[] = [
  { value: "transparent", label: "None", hint: "Transparent in OBS" },
  { value: "colour", label: "Colour", hint: "For apps that cut a colour out" },
  { value: "picture", label: "Picture" },
];

interface Props {
  readonly look: AvatarLook;
  onChange(change: Partial<AvatarLook>): void;
  /** A background picture was chosen. */
  onPicture(file: File): void;
}

/** How the avatar is shown. */
export function LookCard({ look, onChange: set, onPicture }: Props) {
  return (
    <section class="card">
      <h2>View</h2>
      <Choice
        legend="Framing"
        options={FRAMINGS}
        value={look.framing}
        onChoose={(framing) => set({ framing: framing as AvatarLook["framing"] })}
      />
      <Choice
        legend="Background"
        options={BACKGROUNDS}
        value={look.background}
        onChoose={(background) => set({ background: background as AvatarLook["background"] })}
      />
      {look.background === "colour" && (
        <label class="colour">
          <input
            type="color"
            value={look.colour}
            onInput={({ currentTarget }) => set({ colour: currentTarget.value })}
          />
          Background colour
        </label>
      )}
      {look.background === "picture" && (
        <FileButton label="Choose a picture" icon="picture" accept="image/*" onFile={onPicture} />
      )}
      <div class="field switches">
        <Switch
          label="Mirror"
          hint="The avatar moves as in a mirror; what apps and OBS show is set there"
          isOn={look.mirror}
          onChange={(mirror) => set({ mirror })}
        />
        <Switch
          label="My picture in the corner"
          hint="The annotated picture, small, beside the avatar"
          isOn={look.inset}
          onChange={(inset) => set({ inset })}
        />
      </div>
    </section>
  );
}
