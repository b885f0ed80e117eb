import type { ExerciseState, Repetition } from "mocast-client";
import type { AnalysisController } from "../../state/AnalysisController";
import { Icon } from "../controls/Icon";
import { LiveRegion } from "../controls/LiveRegion";
import { useStore } from "../controls/useStore";
import { clockText } from "../text/clockText";
import { labelText } from "../text/labelText";

/** Which exercises are counted, and what the last repetition was like. */
export function RepetitionsCard({ analysis }: { analysis: AnalysisController }) {
  const frame = useStore(analysis.frame);
  const { exercises } = useStore(analysis.live.settings);
  const offered = useStore(analysis.live.info)?.exercises ?? [];
  return (
    <section class="card repetitions">
      <h2>Repetitions</h2>
      <fieldset class="field">
        <legend>Count</legend>
        <div class="chips">
          {offered.map((name) => (
            <label key={name} class="chip">
              <input
                type="checkbox"
                checked={exercises.includes(name)}
                onChange={() => analysis.toggleExercise(name)}
              />
              <span>{labelText(name)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {exercises.length === 0 && (
        <small>Choose what you are about to do; all of your body should be seen.</small>
      )}
      {frame?.repetitions?.map((state) => (
        <Counted key={state.exercise} state={state} />
      ))}
      <div class="row">
        <button type="button" class="button is-small" disabled={!frame} onClick={() => analysis.reset()}>
          <Icon name="reset" />
          Begin anew
        </button>
      </div>
    </section>
  );
}

function Counted({ state }: { state: ExerciseState }) {
  const { last, partial } = state;
  return (
    <article aria-label={labelText(state.exercise)}>
      <h3>
        {labelText(state.exercise)} <output>{countText(state)}</output>
      </h3>
      <progress value={Math.min(Math.max(state.progress, 0), 1)} aria-label="Progress of this repetition" />
      {last && <Measures repetition={last} />}
      <LiveRegion>
        {last && <p class={last.advice ? "advice" : "advice is-good"}>{last.advice || "Well done."}</p>}
      </LiveRegion>
      {partial > 0 && <small>{partial} not all the way</small>}
    </article>
  );
}

function Measures({ repetition }: { repetition: Repetition }) {
  const { depth, out_s, hold_s, back_s } = repetition;
  return (
    <dl>
      <dt>Depth</dt>
      <dd>{Math.round(100 * depth)} %</dd>
      <dt>Tempo</dt>
      <dd title="Seconds out, held, and back">
        {[out_s, hold_s, back_s].map((seconds) => seconds.toFixed(1)).join(" · ")} s
      </dd>
    </dl>
  );
}

function countText({ count, seconds }: ExerciseState): string {
  return seconds > 0 ? clockText(seconds) : String(count);
}
