import { useId } from "preact/hooks";
import type { Failure } from "../../Failure";
import type { LiveController } from "../../state/LiveController";
import { FileButton } from "../controls/FileButton";
import { Icon } from "../controls/Icon";
import { useStore } from "../controls/useStore";
import { asSentence } from "../text/asSentence";
import { failureText } from "../text/failureText";

const HEIGHTS = [360, 480, 720, 1080];

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
  const cameras = useStore(live.source.cameras);
  const source = useStore(live.source.selected);
  const notice = useStore(live.notice);
  const id = useId();
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
      {source.file ? (
        <span class="file">
          <Icon name="file" />
          <span>{source.file.name}</span>
          <button
            type="button"
            class="button is-icon"
            aria-label="Use the camera again"
            title="Use the camera again"
            onClick={() => void live.selectSource({ file: null })}
          >
            <Icon name="close" />
          </button>
        </span>
      ) : (
        <>
          <label class="select" for={`${id}camera`}>
            <Icon name="camera" />
            <span class="for-readers">Camera</span>
            <select
              id={`${id}camera`}
              value={source.cameraId}
              onChange={(event) => void live.selectSource({ cameraId: event.currentTarget.value })}
            >
              <option value="">Any camera</option>
              {cameras.map((camera) => (
                <option key={camera.id} value={camera.id}>
                  {camera.label}
                </option>
              ))}
            </select>
          </label>
          <label class="select" for={`${id}size`}>
            <span class="for-readers">Camera's picture size</span>
            <select
              id={`${id}size`}
              title="Camera's picture size; the server scales what is larger than 1280"
              value={source.height}
              onChange={(event) => void live.selectSource({ height: Number(event.currentTarget.value) })}
            >
              {HEIGHTS.map((height) => (
                <option key={height} value={height}>
                  {height}p
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      <FileButton
        label="Video file"
        icon="file"
        accept="video/*"
        inputLabel="Video file in the camera's place"
        onFile={onFile}
      />
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
      <button
        type="button"
        class="button is-icon"
        aria-label="Full screen"
        title="Full screen"
        onClick={({ currentTarget }) => toggleFullScreen(currentTarget, large)}
      >
        <Icon name="full" />
      </button>
      {notice && (
        <p class="remark" role="status">
          {remarkText(notice)}
        </p>
      )}
    </section>
  );
}

function remarkText(remark: string | Failure): string {
  if (typeof remark === "string") return asSentence(remark);
  const { title, advice } = failureText(remark);
  return `${title} ${advice}`;
}

function toggleFullScreen(button: Element, large: string): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  // Phones' browsers may refuse it for anything but a video: then there is nothing to do.
  else
    button
      .closest("[role=tabpanel]")
      ?.querySelector(large)
      ?.requestFullscreen?.()
      .catch(() => undefined);
}
