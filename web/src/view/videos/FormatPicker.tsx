import type { FileFormats } from "mocast-client";

type FileFormat = FileFormats[number];

const LABELS: [FileFormat, string, string][] = [
  ["mp4", "Video", "With what is drawn over it, and the sound"],
  ["vrma", "Avatar", "VRM Animation: for VRM apps, and to play it here"],
  ["bvh", "BVH", "The body: for Blender, Unreal, MotionBuilder"],
  ["jsonl", "JSON lines", "Landmarks and rig of each frame: for programs"],
  ["vmd", "VMD", "The motion for MikuMikuDance"],
  ["c3d", "C3D", "Landmarks as markers: for biomechanics"],
  ["trc", "TRC", "Landmarks as markers: for OpenSim"],
  ["csv", "CSV", "A row for each frame: for spreadsheets"],
];

interface Props {
  readonly chosen: FileFormats;
  onChoose(chosen: FileFormats): void;
}

/** The files that are made of a video; one at least. */
export function FormatPicker({ chosen, onChoose }: Props) {
  const toggle = (format: FileFormat) => {
    const next = LABELS.map(([name]) => name).filter((name) => (name === format) !== chosen.includes(name));
    if (next.length > 0) onChoose(next);
  };
  return (
    <fieldset class="field">
      <legend>Make of it</legend>
      <div class="chips">
        {LABELS.map(([format, label, hint]) => (
          <label key={format} class="chip" title={hint}>
            <input type="checkbox" checked={chosen.includes(format)} onChange={() => toggle(format)} />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
