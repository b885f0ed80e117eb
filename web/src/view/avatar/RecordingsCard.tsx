import { useState } from "preact/hooks";
import type { Recorder, Take } from "../../state/Recorder";
import { Icon } from "../controls/Icon";
import { saveFile } from "../controls/saveFile";
import { useStore } from "../controls/useStore";
import { clockText } from "../text/clockText";
import { requestFailureText } from "../text/requestFailureText";

const FORMATS = [
  { suffix: ".vrma", hint: "VRM Animation, with the face: for VRM apps, and to play it here" },
  { suffix: ".bvh", hint: "The body: for Blender, Unreal, MotionBuilder" },
  { suffix: ".vmd", hint: "The motion for MikuMikuDance" },
  { suffix: ".c3d", hint: "Landmarks as markers: for biomechanics" },
  { suffix: ".trc", hint: "Landmarks as markers: for OpenSim" },
  { suffix: ".jsonl", hint: "Landmarks and rig of each frame: for programs" },
];

interface Props {
  readonly recorder: Recorder;
  readonly isLive: boolean;
  /** Whether downloads need a token, which a link cannot carry. */
  readonly needsToken: boolean;
  /** Show a recording on the avatar. */
  onPlay(take: Take, name: string): Promise<void>;
  /** Make a model that moves of the avatar and a recording. */
  onBake(take: Take): Promise<File | null>;
}

/** Records the motion, and lists the recordings to play and to download. */
export function RecordingsCard({ recorder, isLive, needsToken, onPlay, onBake }: Props) {
  const takes = useStore(recorder.takes);
  const failure = useStore(recorder.failure);
  const person = useStore(recorder.person);
  const { running } = recorder;
  const people = Math.max(1, ...takes.map((take) => take.people ?? 1));
  return (
    <section class="card">
      <h2>Record</h2>
      {running ? (
        <button type="button" class="button is-stop" onClick={() => void recorder.stop()}>
          <Icon name="stop" />
          Stop recording
          <time>{clockText(running.seconds)}</time>
        </button>
      ) : (
        <button type="button" class="button" disabled={!isLive} onClick={() => void recorder.start()}>
          <Icon name="record" />
          Record
        </button>
      )}
      {failure && (
        <p class="remark" role="alert">
          {requestFailureText(failure)}
        </p>
      )}
      {takes.length === 0 && (
        <small>
          Motion and face, without your picture: as VRM Animation, BVH and others, or on your own avatar.
        </small>
      )}
      {people > 1 && (
        <label class="field">
          Whose motion
          <select
            value={person}
            onChange={({ currentTarget }) => recorder.person.set(Number(currentTarget.value))}
          >
            {Array.from({ length: people }, (_, index) => (
              <option key={index} value={index}>
                Person {index + 1}
              </option>
            ))}
          </select>
        </label>
      )}
      <ul class="takes">
        {takes
          .filter(({ isRunning }) => !isRunning)
          .map((take) => (
            <TakeItem
              key={take.url}
              take={take}
              recorder={recorder}
              needsToken={needsToken}
              onPlay={onPlay}
              onBake={onBake}
            />
          ))}
      </ul>
    </section>
  );
}

type ItemProps = Omit<Props, "isLive"> & { readonly take: Take };

function TakeItem({ take, recorder, needsToken, onPlay, onBake }: ItemProps) {
  const at = new Date(take.at);
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const [isLoading, setLoading] = useState(false);
  const [isBaking, setBaking] = useState(false);
  const play = async () => {
    setLoading(true);
    await onPlay(take, `the recording of ${time}`);
    setLoading(false);
  };
  const bake = async () => {
    setBaking(true);
    const model = await onBake(take);
    setBaking(false);
    if (model) saveFile(model);
  };
  const save = async (event: Event, suffix: string) => {
    if (!needsToken) return;
    event.preventDefault();
    const recording = await recorder.download(take, suffix);
    if (recording) saveFile(recording);
  };
  return (
    <li>
      <button
        type="button"
        class="button is-small is-icon"
        aria-label={`Play the recording of ${time}`}
        title="Play it on the avatar"
        disabled={isLoading}
        aria-busy={isLoading}
        onClick={() => void play()}
      >
        <Icon name="play" />
      </button>
      <span>
        {time} <small>{clockText(take.seconds)}</small>
      </span>
      <button
        type="button"
        class="button is-small is-icon"
        aria-label={`Delete the recording of ${time}`}
        title="Delete it on the server"
        onClick={() => void recorder.remove(take)}
      >
        <Icon name="trash" />
      </button>
      <div class="row">
        {FORMATS.map(({ suffix, hint }) => (
          <a
            key={suffix}
            class="button is-small"
            href={recorder.addressOf(take, suffix)}
            download
            title={hint}
            onClick={(event) => void save(event, suffix)}
          >
            <Icon name="download" />
            {suffix.slice(1)}
          </a>
        ))}
        <button
          type="button"
          class="button is-small"
          disabled={isBaking}
          aria-busy={isBaking}
          title="Your avatar, moving, with its face, hair and clothes: made in this browser, which it does not leave"
          onClick={() => void bake()}
        >
          <Icon name="download" />
          {isBaking ? "glb …" : "glb"}
        </button>
      </div>
    </li>
  );
}
