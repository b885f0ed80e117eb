import type { HandGesture } from "mocast-client";
import type { AnalysisController } from "../../state/AnalysisController";
import { useStore } from "../controls/useStore";
import { labelText } from "../text/labelText";

/** What each hand shows, and how strongly it pinches. */
export function HandsCard({ analysis }: { analysis: AnalysisController }) {
  const frame = useStore(analysis.frame);
  return (
    <section class="card hands">
      <h2>Hands</h2>
      <div class="pair">
        <Hand name="Left" hand={frame?.left_hand ?? null} />
        <Hand name="Right" hand={frame?.right_hand ?? null} />
      </div>
      {frame?.zoom != null && <small>Zoom {frame.zoom.toFixed(2)} ×</small>}
    </section>
  );
}

function Hand({ name, hand }: { name: string; hand: HandGesture | null }) {
  return (
    <div class={hand ? "" : "is-unsure"}>
      <small>{name}</small>
      <strong>{hand?.gesture ? labelText(hand.gesture) : "–"}</strong>
      <label>
        <small>Pinch</small>
        <meter min={0} max={1} value={hand?.pinch ?? 0} />
      </label>
    </div>
  );
}
