import { type AngleName, analysisNames, type JointAngle, type PairName } from "mocast-client";
import type { AnalysisController } from "../../state/AnalysisController";
import { Switch } from "../controls/Switch";
import { useStore } from "../controls/useStore";

const PAIRS: Record<PairName, string> = {
  elbow: "Elbow",
  shoulder_flexion: "Arm forward",
  shoulder_abduction: "Arm aside",
  wrist: "Wrist",
  hip_flexion: "Hip forward",
  hip_abduction: "Hip aside",
  knee: "Knee",
  ankle: "Ankle",
};
const MIDDLE: Partial<Record<AngleName, string>> = {
  neck: "Neck",
  trunk_lean: "Trunk forward",
  trunk_side_lean: "Trunk aside",
  trunk_twist: "Trunk twist",
};
/** What the bars reach from and to, in degrees. */
const BAR = { from: -60, to: 180 };

/** The joints' angles with their range of motion so far; what is badly seen is grey and slanted. */
export function AnglesCard({ analysis }: { analysis: AnalysisController }) {
  const frame = useStore(analysis.frame);
  const { withhold } = useStore(analysis.live.settings);
  const angles = frame?.angles ?? null;
  return (
    <section class="card angles">
      <h2>Joint angles</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Degrees</th>
            <th scope="col">Left</th>
            <th scope="col">Right</th>
            <th scope="col" title="Left less right">
              L − R
            </th>
          </tr>
        </thead>
        <tbody>
          {analysisNames.pairs.map((pair) => (
            <tr key={pair}>
              <th scope="row">{PAIRS[pair]}</th>
              <AngleCell angle={angles?.[`left_${pair}`]} />
              <AngleCell angle={angles?.[`right_${pair}`]} />
              <td class="difference">{degrees(frame?.symmetry?.[pair].difference_deg, true)}</td>
            </tr>
          ))}
          {(Object.keys(MIDDLE) as AngleName[]).map((name) => (
            <tr key={name}>
              <th scope="row">{MIDDLE[name]}</th>
              <AngleCell angle={angles?.[name]} columns={2} />
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      <small>
        {angles
          ? "The bar is the range so far. Grey: this view tells it badly, or it is hidden."
          : "Angles appear here while your body is seen."}
      </small>
      <div class="field switches">
        <Switch
          label="Leave the grey ones out"
          hint="For everybody who reads this room's analyses: angles that this view tells badly are withheld"
          isOn={withhold}
          onChange={(isOn) => analysis.live.change({ withhold: isOn })}
        />
      </div>
    </section>
  );
}

function AngleCell({ angle, columns }: { angle: JointAngle | undefined; columns?: number }) {
  const isGood = angle?.faces_camera === true && angle.degrees !== null;
  const title = angle ? angleTitle(angle) : undefined;
  return (
    <td colSpan={columns} class={isGood ? "" : "is-unsure"} title={title}>
      {degrees(angle?.degrees)}
      <span class="range" aria-hidden="true">
        {angle?.lowest_deg != null && angle.highest_deg != null && (
          <i
            style={{
              left: `${share(angle.lowest_deg)}%`,
              width: `${share(angle.highest_deg) - share(angle.lowest_deg)}%`,
            }}
          />
        )}
        {angle?.degrees != null && <b style={{ left: `${share(angle.degrees)}%` }} />}
      </span>
      {angle && !isGood && <span class="for-readers">, badly seen</span>}
    </td>
  );
}

function angleTitle({ error_deg, lowest_deg, highest_deg, speed_deg_s, faces_camera }: JointAngle): string {
  const parts = [
    faces_camera ? "" : "Badly seen",
    error_deg === null ? "" : `some ±${Math.round(error_deg)}°`,
    lowest_deg === null ? "" : `range ${degrees(lowest_deg)} to ${degrees(highest_deg)}`,
    speed_deg_s === null ? "" : `${degrees(speed_deg_s)} a second`,
  ];
  return parts.filter(Boolean).join(", ");
}

function degrees(value: number | null | undefined, isSigned = false): string {
  if (value == null) return "–";
  const rounded = Math.round(value);
  return `${rounded < 0 ? "−" : isSigned && rounded > 0 ? "+" : ""}${Math.abs(rounded)}°`;
}

/** Where an angle lies in a bar, in percent. */
function share(value: number): number {
  const within = Math.min(Math.max(value, BAR.from), BAR.to);
  return (100 * (within - BAR.from)) / (BAR.to - BAR.from);
}
