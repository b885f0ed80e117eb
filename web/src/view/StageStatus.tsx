import type { Studio } from "../studio/Studio";
import { failureText } from "./failureText";
import { Icon } from "./Icon";
import { useStore } from "./useStore";

/** What the session does or suffers, over a stage: connecting, waiting, or what ended it. */
export function StageStatus({ studio }: { studio: Studio }) {
  const phase = useStore(studio.phase);
  const failure = useStore(studio.failure);
  const source = useStore(studio.source.chosen);
  return (
    <>
      {failure && (
        <div class="card notice" role="alert">
          <Icon name="warning" />
          <h2>{failureText(failure).title}</h2>
          <p>{failureText(failure).advice}</p>
          <div class="row">
            <button type="button" class="button is-primary" onClick={() => void studio.start()}>
              Try again
            </button>
            {failure.kind === "room-taken" && (
              <a class="button" href={`?room=${studio.room.slice(0, 56)}-${Date.now() % 1000}`}>
                Use another room
              </a>
            )}
          </div>
        </div>
      )}
      {(phase.is === "opening" || phase.is === "connecting") && (
        <p class="busy">
          <i aria-hidden="true" />
          {phase.is === "opening" && !source.file ? "Allow the camera in your browser" : "Connecting"}
        </p>
      )}
      {phase.is === "waiting" && (
        <div class="busy is-waiting">
          <i aria-hidden="true" />
          <span>
            <strong>{failureText(phase.failure).title}</strong> {failureText(phase.failure).advice}{" "}
            {phase.delayMs > 2000
              ? `Trying again in ${Math.round(phase.delayMs / 1000)} s.`
              : "Trying again."}
          </span>
        </div>
      )}
    </>
  );
}
