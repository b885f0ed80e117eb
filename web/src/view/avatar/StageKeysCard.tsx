import { useEffect, useMemo, useState } from "preact/hooks";
import type { KeptPose } from "../../avatar/KeptPose";
import type { KeyTarget, MidiKeys } from "../../keys/MidiKeys";
import type { PoseKeys, PoseShelf } from "../../keys/PoseShelf";
import { StageKeys } from "../../keys/StageKeys";
import type { AvatarController } from "../../state/AvatarController";
import { Icon } from "../controls/Icon";
import { SegmentedControl, type SegmentLabel } from "../controls/SegmentedControl";
import { Switch } from "../controls/Switch";
import { saveFile } from "../controls/saveFile";
import { useStore } from "../controls/useStore";

const POSE_KEYS: Record<PoseKeys, SegmentLabel> = {
  toggle: { label: "Hold", hint: "Until its key is pressed again" },
  "while-down": { label: "While pressed", hint: "Until its key is let go" },
};
const PARTS: Record<KeptPose["part"], string> = { arms: "Keep arms and hands", body: "Keep the whole body" };

/** Time to take a pose, after its button was pressed. */
const READY_S = 3;

interface Props {
  readonly avatar: AvatarController;
  readonly isShown: boolean;
}

/** Expressions and poses to hold, by a button, a number key or a MIDI key. */
export function StageKeysCard({ avatar, isShown }: Props) {
  const keys = useMemo(() => new StageKeys(() => avatar.view?.host ?? null), [avatar]);
  useEffect(() => keys.follow(), [keys]);
  useEffect(() => (isShown ? keys.listen() : undefined), [keys, isShown]);
  useEffect(() => {
    void keys.midi.resume();
  }, [keys]);
  return (
    <section class="card">
      <h2>Expressions and poses</h2>
      <ExpressionsField avatar={avatar} midi={keys.midi} />
      <PosesField poses={keys.poses} midi={keys.midi} />
      <MidiField midi={keys.midi} />
      <div class="field">
        <button
          type="button"
          class="button"
          onClick={() => saveFile(new File([keys.write()], "avatar-keys.json"))}
        >
          <Icon name="download" />
          Save for OBS
        </button>
        <small>
          OBS has a browser of its own: right-click the source, Interact, and drop this file on it. Again
          after changes.
        </small>
      </div>
    </section>
  );
}

function ExpressionsField({ avatar, midi }: { avatar: AvatarController; midi: MidiKeys }) {
  const { names, held } = useStore(avatar.expressions);
  if (names.length === 0) return null;
  return (
    <fieldset class="field">
      <legend>Hold an expression, here or by its number key</legend>
      <div class="chips">
        {names.map((name, index) => (
          <span key={name}>
            <label class="chip">
              <input
                type="checkbox"
                checked={name === held}
                onChange={() => avatar.view?.host.toggleExpression(index)}
              />
              <span>
                {index + 1} {name}
              </span>
            </label>
            <LearnButton midi={midi} target={`expression ${index}`} label={name} />
          </span>
        ))}
      </div>
    </fieldset>
  );
}

function PosesField({ poses, midi }: { poses: PoseShelf; midi: MidiKeys }) {
  const kept = useStore(poses.poses);
  const held = useStore(poses.held);
  const mode = useStore(poses.keys);
  return (
    <>
      <fieldset class="field">
        <legend>Hold a pose, here or by Shift and its number</legend>
        <div class="chips">
          {kept.map(({ name }, index) => (
            <span key={name}>
              <label class="chip">
                <input type="checkbox" checked={index === held} onChange={() => poses.toggle(index)} />
                <span>
                  {index + 1} {name}
                </span>
              </label>
              <button
                type="button"
                class="button is-small is-icon"
                aria-label={`Forget ${name}`}
                title="Forget it"
                onClick={() => poses.remove(index)}
              >
                <Icon name="trash" />
              </button>
              <LearnButton midi={midi} target={`pose ${index}`} label={name} />
            </span>
          ))}
        </div>
        <div class="row">
          {(Object.keys(PARTS) as KeptPose["part"][]).map((part) => (
            <KeepButton key={part} poses={poses} part={part} />
          ))}
        </div>
        <small>As the avatar is then; head and face stay yours. This browser keeps nine poses.</small>
      </fieldset>
      {kept.length > 0 && (
        <SegmentedControl
          legend="A pose's key"
          labels={POSE_KEYS}
          value={mode}
          onChoose={(keys) => poses.setKeys(keys)}
        />
      )}
    </>
  );
}

/** Keeps a pose once there was time to take it. */
function KeepButton({ poses, part }: { poses: PoseShelf; part: KeptPose["part"] }) {
  const [leftS, setLeft] = useState(0);
  useEffect(() => {
    if (leftS === 0) return;
    const timer = setTimeout(() => {
      if (leftS === 1) poses.keep(part);
      setLeft(leftS - 1);
    }, 1000);
    return () => clearTimeout(timer);
  }, [poses, part, leftS]);
  return (
    <button
      type="button"
      class="button"
      disabled={poses.isFull}
      aria-busy={leftS > 0}
      onClick={() => setLeft(leftS === 0 ? READY_S : 0)}
    >
      {leftS > 0 ? `Hold still … ${leftS}` : PARTS[part]}
    </button>
  );
}

/** Lets a MIDI key stand for something; there while MIDI is on. */
function LearnButton(props: { readonly midi: MidiKeys; readonly target: KeyTarget; readonly label: string }) {
  const { midi, target, label } = props;
  const state = useStore(midi.state);
  const learning = useStore(midi.learning);
  useStore(midi.targets);
  if (state !== "on") return null;
  const key = midi.keyOf(target);
  const isLearning = learning === target;
  const text = isLearning ? "Press a key …" : key ? keyText(key) : "Learn";
  return (
    <button
      type="button"
      class="button is-small"
      aria-pressed={isLearning}
      aria-label={`MIDI key of ${label}: ${text}`}
      title={key ? "Forget its MIDI key" : "The next MIDI key that you press stands for it"}
      onClick={() => (key && !isLearning ? midi.forget(target) : midi.learn(target))}
    >
      {text}
    </button>
  );
}

/** `note 10 36` as a person reads it. */
function keyText(key: string): string {
  const [kind, channel, number] = key.split(" ");
  return `${kind === "note" ? "Key" : "Control"} ${number} (${channel})`;
}

const HINTS: Record<MidiKeys["state"]["value"], string> = {
  off: "A controller's keys and pads can stand for expressions and poses.",
  asking: "Your browser asks whether this page may use MIDI devices.",
  on: "",
  refused:
    "This browser does not let the page use MIDI devices: allow it in the address bar, and switch it on again.",
  missing: "This browser has no MIDI.",
};

function MidiField({ midi }: { midi: MidiKeys }) {
  const state = useStore(midi.state);
  const devices = useStore(midi.devices);
  const isOn = state === "on" || state === "asking";
  return (
    <div class="field">
      <Switch
        label="MIDI keys"
        hint="A controller's keys and pads stand for expressions and poses"
        isOn={isOn}
        onChange={(wanted) => (wanted ? void midi.switchOn() : midi.switchOff())}
      />
      <small role={state === "refused" || state === "missing" ? "alert" : undefined}>
        {state === "on" ? devices.join(", ") || "No device is connected." : HINTS[state]}
      </small>
    </div>
  );
}
