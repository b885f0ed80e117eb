import { useEffect } from "preact/hooks";
import type { LightPreset } from "../../avatar/LightPreset";
import type { AvatarController } from "../../state/AvatarController";
import { RoomLight } from "../../state/RoomLight";
import { SegmentedControl, type SegmentLabel } from "../controls/SegmentedControl";
import { Slider } from "../controls/Slider";
import { Switch } from "../controls/Switch";
import { useStore } from "../controls/useStore";

const LIGHTS: Record<LightPreset, SegmentLabel> = {
  soft: { label: "Soft", hint: "From before, without hard shades" },
  key: { label: "Key", hint: "From one side" },
  rim: { label: "Rim", hint: "From behind, on the edges" },
  dark: { label: "Dark", hint: "A room at night" },
};
const PEOPLE: Record<string, SegmentLabel> = {
  all: { label: "All" },
  ...Object.fromEntries([0, 1, 2, 3].map((person) => [person, { label: `Person ${person + 1}` }])),
};
const STRENGTH = { minimum: 0, maximum: 1 };

/** Who is on the stage, its light, and the wind on it. */
export function LookCard({ avatar }: { avatar: AvatarController }) {
  const display = useStore(avatar.display);
  const { people } = useStore(avatar.live.settings);
  useRoomLight(avatar, display.matchesRoom);
  return (
    <section class="card">
      <h2>Stage</h2>
      {people > 1 && (
        <SegmentedControl
          legend="Whose avatar"
          labels={PEOPLE}
          values={["all", "0", "1", "2", "3"].slice(0, people + 1)}
          value={String(avatar.person ?? "all")}
          onChoose={(person) => avatar.change({ person: person === "all" ? null : Number(person) })}
        />
      )}
      <SegmentedControl
        legend="Light"
        labels={LIGHTS}
        value={display.light}
        onChoose={(light) => avatar.change({ light })}
      />
      <div class="field switches">
        <Switch
          label="Match my room"
          hint="The light has the colour and the brightness of your camera's picture, at its border"
          isOn={display.matchesRoom}
          onChange={(matchesRoom) => avatar.change({ matchesRoom })}
        />
      </div>
      <Slider
        label="Wind"
        hint="How strongly it blows through hair and clothes"
        bounds={STRENGTH}
        step={0.05}
        value={display.wind}
        text={(strength) => (strength === 0 ? "None" : `${Math.round(strength * 100)}%`)}
        onChange={(wind) => avatar.change({ wind })}
      />
    </section>
  );
}

/** Light the avatar by the camera's picture while that is wanted and there is one. */
function useRoomLight(avatar: AvatarController, isWanted: boolean): void {
  const preview = useStore(avatar.live.source.preview);
  useEffect(() => {
    if (!isWanted || !preview) return;
    const room = new RoomLight();
    const end = room.colour.watch(() => avatar.lightBy(room.colour.value));
    room.watch(preview);
    return () => {
      room.stop();
      end();
    };
  }, [avatar, isWanted, preview]);
}
