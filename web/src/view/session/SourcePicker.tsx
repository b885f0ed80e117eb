import { useId, useState } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import { Deferred } from "../controls/Deferred";
import { FileButton } from "../controls/FileButton";
import { Icon } from "../controls/Icon";
import { useStore } from "../controls/useStore";

const loadPhoneDialog = async () => (await import("./PhoneDialog")).PhoneDialog;

const HEIGHTS = [360, 480, 720, 1080];

interface Props {
  readonly live: LiveController;
  /** A file was chosen to play in the camera's place. */
  onFile(file: File): void;
}

/** Where the picture comes from: a camera and its size, or a file. */
export function SourcePicker({ live, onFile }: Props) {
  const source = useStore(live.source.selected);
  const [isPhoneAsked, setPhoneAsked] = useState(false);
  return (
    <>
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
        <CameraPicker live={live} />
      )}
      <FileButton
        label="Video file"
        icon="file"
        accept="video/*"
        inputLabel="Video file in the camera's place"
        onFile={onFile}
      />
      <button
        type="button"
        class="button is-icon for-desks"
        aria-label="Use your phone as the camera"
        title="Use your phone as the camera"
        onClick={() => setPhoneAsked(true)}
      >
        <Icon name="phone" />
      </button>
      {isPhoneAsked && (
        <Deferred load={loadPhoneDialog} props={{ live, onClose: () => setPhoneAsked(false) }} />
      )}
    </>
  );
}

function CameraPicker({ live }: { live: LiveController }) {
  const cameras = useStore(live.source.cameras);
  const source = useStore(live.source.selected);
  const id = useId();
  return (
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
  );
}
