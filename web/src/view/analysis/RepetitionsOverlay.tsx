import type { AnalysisController } from "../../state/AnalysisController";
import { useStore } from "../controls/useStore";
import { clockText } from "../text/clockText";
import { labelText } from "../text/labelText";

/** The count, large, over the picture: to be read from where one exercises. */
export function RepetitionsOverlay({ analysis }: { analysis: AnalysisController }) {
  const frame = useStore(analysis.frame);
  if (!frame?.repetitions?.length) return null;
  return (
    <div class="counts" aria-hidden="true">
      {frame.repetitions.map(({ exercise, count, seconds, last }) => (
        <p key={exercise}>
          <strong>{seconds > 0 ? clockText(seconds) : count}</strong>
          <span>
            {labelText(exercise)}
            {last?.advice && <em>{last.advice}</em>}
          </span>
        </p>
      ))}
    </div>
  );
}
