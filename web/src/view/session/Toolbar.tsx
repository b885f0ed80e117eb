import type { Failure } from "../../Failure";
import type { LiveController } from "../../state/LiveController";
import { Icon } from "../controls/Icon";
import { LiveRegion } from "../controls/LiveRegion";
import { Switch } from "../controls/Switch";
import { useStore } from "../controls/useStore";
import { asSentence } from "../text/asSentence";
import { failureText } from "../text/failureText";
import { requestFailureText } from "../text/requestFailureText";
import { SourcePicker } from "./SourcePicker";

interface Props {
  readonly live: LiveController;
  /** What the page shows large, for the whole screen: a selector within the page's panel. */
  readonly large: string;
  /** Whether the picture and the figure have changed places; `undefined` on pages without the two. */
  readonly isSwapped?: boolean;
  onSwap?(): void;
  /** A file was chosen to play in the camera's place. */
  onFile(file: File): void;
}

/** Start and stop, and where the picture comes from. */
export function Toolbar({ live, large, isSwapped, onSwap, onFile }: Props) {
  const phase = useStore(live.phase);
  const notice = useStore(live.notice);
  const isOff = phase.is === "idle" || phase.is === "ended";
  return (
    <section class="toolbar card" aria-label="Session">
      {isOff ? (
        <button type="button" class="button is-primary" onClick={() => void live.start()}>
          <Icon name="play" />
          Start
        </button>
      ) : (
        <button type="button" class="button is-stop" onClick={() => live.stop()}>
          <Icon name="stop" />
          Stop
        </button>
      )}
      <SourcePicker live={live} onFile={onFile} />
      <MicrophoneSwitch live={live} isDisabled={isOff} />
      <span class="space" />
      {onSwap && (
        <button
          type="button"
          class="button is-icon"
          aria-pressed={isSwapped}
          aria-label="Show the 3-D figure large"
          title="Swap the picture and the 3-D figure"
          onClick={onSwap}
        >
          <Icon name="swap" />
        </button>
      )}
      {/* Not on iPhones, where videos alone can have the whole screen. */}
      {document.fullscreenEnabled && (
        <button
          type="button"
          class="button is-icon"
          aria-label="Full screen"
          title="Full screen"
          onClick={({ currentTarget }) => toggleFullScreen(currentTarget, large)}
        >
          <Icon name="full" />
        </button>
      )}
      <LiveRegion>{notice && <p class="remark">{noticeText(notice)}</p>}</LiveRegion>
    </section>
  );
}

function MicrophoneSwitch({ live, isDisabled }: { live: LiveController; isDisabled: boolean }) {
  const state = useStore(live.microphone.state);
  return (
    <Switch
      label="Microphone"
      hint="The room's viewers hear you while it is on. It is never sent back, and in no recording."
      isOn={state !== "off"}
      isDisabled={isDisabled}
      onChange={(isOn) => (isOn ? void live.microphone.switchOn() : live.microphone.switchOff())}
    />
  );
}

function noticeText(notice: string | Failure): string {
  if (typeof notice === "string") return asSentence(notice);
  if (notice.kind === "refused") return requestFailureText(notice);
  const { title, advice } = failureText(notice);
  return `${title} ${advice}`;
}

function toggleFullScreen(button: Element, large: string): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  // A browser may refuse it all the same: then there is nothing to do.
  else
    button
      .closest("[role=tabpanel]")
      ?.querySelector(large)
      ?.requestFullscreen()
      .catch(() => undefined);
}
