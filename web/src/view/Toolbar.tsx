import { useId } from "preact/hooks";
import type { Failure } from "../rtc/Failure";
import type { Studio } from "../studio/Studio";
import { asSentence } from "./asSentence";
import { FileButton } from "./FileButton";
import { failureText } from "./failureText";
import { Icon } from "./Icon";
import { useStore } from "./useStore";

const HEIGHTS = [360, 480, 720, 1080];

interface Props {
  readonly studio: Studio;
  /** What the page shows large, for the whole screen: a selector within the page's panel. */
  readonly large: string;
  /** Whether the picture and the figure have changed places; `undefined` on pages without the two. */
  readonly isSwapped?: boolean;
  onSwap?(): void;
  /** A file was chosen to play in the camera's place. */
  onFile(file: File): void;
}

/** Start and stop, and where the picture comes from. */
export function Toolbar({ studio, large, isSwapped, onSwap, onFile }: Props) {
  const phase = useStore(studio.phase);
  const cameras = useStore(studio.source.cameras);
  const source = useStore(studio.source.chosen);
  const notice = useStore(studio.notice);
  const id = useId();
  const isOff = phase.is === "idle" || phase.is === "ended";
  return (
    <section class="toolbar card" aria-label="Session">
      {isOff ? (
        <button type="button" class="button is-primary" onClick={() => void studio.start()}>
          <Icon name="play" />
          Start
        </button>
      ) : (
        <button type="button" class="button is-stop" onClick={() => studio.stop()}>
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
            onClick={() => void studio.choose({ file: null })}
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
              onChange={(event) => void studio.choose({ cameraId: event.currentTarget.value })}
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
              onChange={(event) => void studio.choose({ height: Number(event.currentTarget.value) })}
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
