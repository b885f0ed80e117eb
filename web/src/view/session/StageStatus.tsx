import { Failure } from "../../Failure";
import type { LiveController } from "../../state/LiveController";
import { Countdown } from "../controls/Countdown";
import { ErrorNotice } from "../controls/ErrorNotice";
import { useStore } from "../controls/useStore";
import { failureText } from "../text/failureText";
import { StartButton } from "./StartButton";

/** The session's state, over a stage: connecting, waiting, or what ended it. */
export function StageStatus({ live }: { live: LiveController }) {
  const phase = useStore(live.phase);
  const failure = useStore(live.failure);
  const source = useStore(live.source.selected);
  const waiting = phase.is === "waiting" && failureText(Failure.from(phase.error));
  return (
    <>
      {failure && failure.kind !== "token-needed" && (
        <ErrorNotice title={failureText(failure).title} text={failureText(failure).advice}>
          <StartButton live={live}>Try again</StartButton>
          {failure.kind === "not-allowed" && live.access.hasToken && (
            <button type="button" class="button" onClick={() => live.access.ask()}>
              Use another token
            </button>
          )}
          {failure.kind === "room-taken" && !live.part && (
            <a class="button" href={`?room=${live.room.slice(0, 56)}-${Date.now() % 1000}`}>
              Use another room
            </a>
          )}
        </ErrorNotice>
      )}
      {(phase.is === "opening" || phase.is === "connecting") && (
        <p class="busy">
          <i aria-hidden="true" />
          {phase.is === "opening" && !source.file ? "Allow the camera in your browser" : "Connecting"}
        </p>
      )}
      {waiting && (
        <div class="busy is-waiting">
          <i aria-hidden="true" />
          <span>
            <strong>{waiting.title}</strong> {waiting.advice}{" "}
            <Countdown key={phase.attempt} delayMs={phase.delayMs} />
          </span>
        </div>
      )}
    </>
  );
}
