import { useState } from "preact/hooks";
import type { GestureLibrary, GestureRecording } from "../../state/GestureLibrary";
import { FileButton } from "../controls/FileButton";
import { Icon } from "../controls/Icon";
import { LiveRegion } from "../controls/LiveRegion";
import { Switch } from "../controls/Switch";
import { saveFile } from "../controls/saveFile";
import { useStore } from "../controls/useStore";

interface Props {
  readonly gestures: GestureLibrary;
  readonly isLive: boolean;
}

const NAME_LENGTH = 40;

/** The person's own gestures: recorded from a few seconds of examples, and kept by this browser. */
export function GesturesCard({ gestures, isLive }: Props) {
  const known = useStore(gestures.gestures);
  const recording = useStore(gestures.recording);
  const [name, setName] = useState("");
  const [isOriented, setOriented] = useState(false);
  const isBusy = recording.is === "counting" || recording.is === "recording";
  return (
    <section class="card gestures">
      <h2>Your own gestures</h2>
      <div class="name-line">
        <input
          type="text"
          aria-label="Name of the gesture"
          placeholder="Name, such as spock"
          maxLength={NAME_LENGTH}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
        {isBusy ? (
          <button type="button" class="button is-stop" onClick={() => gestures.cancel()}>
            Cancel
          </button>
        ) : (
          <button
            type="button"
            class="button"
            disabled={!isLive || !name.trim()}
            onClick={() => gestures.record(name.trim(), isOriented)}
          >
            <Icon name="record" />
            Record
          </button>
        )}
      </div>
      {recording.is === "idle" && (
        <small>
          Three seconds of your hand. This browser keeps the gesture and tells it to every session.
        </small>
      )}
      <LiveRegion>{recording.is !== "idle" && <p class="remark">{recordingText(recording)}</p>}</LiveRegion>
      <div class="field switches">
        <Switch
          label="Direction counts"
          hint="Whether the hand must be held as in the examples, or only shaped so"
          isOn={isOriented}
          onChange={setOriented}
        />
      </div>
      <ul class="takes" aria-label="Recorded gestures">
        {known.map((gesture) => (
          <li key={gesture.name}>
            <span>{gesture.name}</span>
            <small>{gesture.oriented ? "direction counts" : ""}</small>
            <button
              type="button"
              class="button is-small is-icon"
              aria-label={`Delete the gesture ${gesture.name}`}
              title="Delete it"
              onClick={() => gestures.remove(gesture.name)}
            >
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        <button
          type="button"
          class="button is-small"
          disabled={known.length === 0}
          onClick={() => saveFile(gestures.toFile())}
        >
          <Icon name="download" />
          Export
        </button>
        <FileButton
          label="Import"
          icon="file"
          accept="application/json,.json"
          inputLabel="File of gestures"
          onFile={(file) => void gestures.load(file)}
        />
      </div>
    </section>
  );
}

function recordingText(recording: Exclude<GestureRecording, { is: "idle" }>): string {
  if (recording.is === "counting") return `Raise your hand. ${recording.leftS}`;
  return recording.is === "failed" ? recording.reason : "Hold the gesture, and turn the hand a little.";
}
