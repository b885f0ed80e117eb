import type { HeadState, Posture } from "mocast-client";
import type { AnalysisController } from "../../state/AnalysisController";
import { useStore } from "../controls/useStore";

const POSTURES: Record<NonNullable<Posture["posture"]>, string> = {
  upright: "Upright",
  forward_head: "Head forward",
  slouch: "Slouched",
};

/** What head and back do; all of it is an estimate. */
export function HeadCard({ analysis }: { analysis: AnalysisController }) {
  const frame = useStore(analysis.frame);
  const head = frame?.head ?? null;
  const posture = frame?.posture ?? null;
  return (
    <section class="card head">
      <h2>Head and posture</h2>
      <dl>
        <dt>Head</dt>
        <dd>{head ? headText(head) : "–"}</dd>
        <dt>Looks</dt>
        <dd>{head ? (head.gaze_off_screen ? "Away from the screen" : "At the screen") : "–"}</dd>
        <dt>Blinks</dt>
        <dd>{head?.blinks_per_minute == null ? "–" : `${Math.round(head.blinks_per_minute)} a minute`}</dd>
        <dt title="An estimate from eyes that stay shut and yawns: no medical measure, and no safety device">
          Drowsiness
        </dt>
        <dd>{head ? `${Math.round(100 * head.drowsiness)} %${head.yawning ? ", yawning" : ""}` : "–"}</dd>
        <dt>Posture</dt>
        <dd>{posture?.posture ? POSTURES[posture.posture] : "–"}</dd>
      </dl>
      <small>Estimates: no medical measures, and no safety device.</small>
    </section>
  );
}

function headText({ gesture, yaw_deg, pitch_deg }: HeadState): string {
  if (gesture) return gesture === "nod" ? "Nods" : "Shakes";
  const aside = Math.round(Math.abs(yaw_deg));
  const up = Math.round(Math.abs(pitch_deg));
  return `${aside}° ${yaw_deg < 0 ? "right" : "left"}, ${up}° ${pitch_deg < 0 ? "down" : "up"}`;
}
