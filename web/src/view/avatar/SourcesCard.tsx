import type { MixedPart, Mixer, MixerSettings, SourceName } from "mocast-client";
import { useEffect } from "preact/hooks";
import type { AvatarController } from "../../state/AvatarController";
import { roomAddress } from "../../state/roomAddress";
import { CopyField } from "../controls/CopyField";
import { Revealed } from "../controls/Revealed";
import { Switch } from "../controls/Switch";
import { useStore } from "../controls/useStore";
import { SharedLinkField } from "../session/SharedLinkField";
import { requestFailureText } from "../text/requestFailureText";
import "./SourcesCard.css";

type Part = keyof Mixer["parts"];

const PARTS: Record<Part, string> = {
  head: "Head",
  face: "Brows and cheeks",
  eyes: "Eyes",
  mouth: "Mouth",
  arms: "Arms",
  hands: "Hands",
  fingers: "Fingers",
  body: "Body and legs",
};
const SOURCES: Record<SourceName, string> = {
  camera: "Camera",
  face_camera: "Face camera",
  body_camera: "Body camera",
  vmc: "VMC",
  phone: "Phone",
  microphone: "Microphone",
};
const OF_FACE: readonly SourceName[] = ["phone", "face_camera", "vmc", "camera"];
const OF_BODY: readonly SourceName[] = ["vmc", "body_camera", "camera"];
/** Which sources have a part, in the order that the server has by itself. */
const ORDERS: Record<Part, readonly SourceName[]> = {
  head: OF_FACE,
  face: OF_FACE,
  eyes: OF_FACE,
  mouth: ["phone", "microphone", "face_camera", "vmc", "camera"],
  arms: OF_BODY,
  hands: OF_BODY,
  fingers: OF_BODY,
  body: OF_BODY,
};
/** The flags of `mocast bridge`. */
const PROGRAMS = [
  ["iFacialMocap", "--ifacialmocap-in"],
  ["Live Link Face", "--livelinkface-in"],
  ["MeowFace", "--meowface-in"],
  ["VMC", "--vmc-in"],
] as const;

interface Props {
  readonly avatar: AvatarController;
  readonly needsToken: boolean;
  readonly isShown: boolean;
}

/** Who moves which part of the avatar: the camera, a microphone, a phone, another program, a second camera. */
export function SourcesCard({ avatar, needsToken, isShown }: Props) {
  const { live, mixer, mouth } = avatar;
  const phase = useStore(live.phase);
  const state = useStore(mixer.state);
  const failure = useStore(mixer.failure);
  const isLive = phase.is === "live";
  const isWatched = isShown && isLive;
  useEffect(() => (isWatched ? mixer.watch() : undefined), [mixer, isWatched]);
  return (
    <section class="card sources">
      <h2>Sources</h2>
      <LipSyncField mouth={mouth} />
      {isLive && state ? (
        <>
          <LiveSources mixer={state} />
          <Revealed title="Who moves what">
            <PartsField mixer={state} onChange={(settings) => void mixer.set(settings)} />
          </Revealed>
        </>
      ) : (
        <small>
          Once you are live, a phone, another program or a second camera may move parts of the avatar.
        </small>
      )}
      {failure && (
        <p class="remark" role="alert">
          {requestFailureText(failure)}
        </p>
      )}
      <Revealed title="Add a phone, a program or a camera">
        <MoreSources avatar={avatar} needsToken={needsToken} />
      </Revealed>
    </section>
  );
}

function LipSyncField({ mouth }: { mouth: AvatarController["mouth"] }) {
  const state = useStore(mouth.state);
  const vowels = useStore(mouth.vowels);
  const failure = useStore(mouth.failure);
  return (
    <>
      <Switch
        label="Lip sync"
        hint="The mouth follows your voice while you speak. Sound stays in this browser"
        isOn={state !== "off"}
        onChange={(isOn) => (isOn ? void mouth.switchOn() : mouth.switchOff())}
      />
      {state === "on" && (
        <p class="vowels" aria-hidden="true">
          {(["aa", "ih", "ou", "ee", "oh"] as const).map((vowel) => (
            <meter key={vowel} min={0} max={1} value={vowels?.[vowel] ?? 0} title={vowel} />
          ))}
        </p>
      )}
      {failure && (
        <p class="remark" role="alert">
          {requestFailureText(failure)}
        </p>
      )}
    </>
  );
}

function LiveSources({ mixer }: { mixer: Mixer }) {
  return (
    <ul class="source-list">
      {mixer.sources.map(({ source, live, fps }) => (
        <li key={source} class={live ? "is-live" : ""}>
          <span>{SOURCES[source]}</span>
          <small>{live ? `${Math.round(fps)} a second` : "Silent"}</small>
        </li>
      ))}
    </ul>
  );
}

interface PartsProps {
  readonly mixer: Mixer;
  onChange(settings: MixerSettings): void;
}

function PartsField({ mixer, onChange }: PartsProps) {
  const choose = (part: Part, chosen: string) => {
    const usual = ORDERS[part];
    // Who is chosen leads; the others stay behind.
    const order =
      chosen === "" ? usual : [...usual].sort((a, b) => Number(b === chosen) - Number(a === chosen));
    onChange({ [part]: chosen === "nobody" ? [] : order });
  };
  return (
    <div class="mixed-parts">
      {(Object.keys(PARTS) as Part[]).map((part) => (
        <label key={part}>
          <span>{PARTS[part]}</span>
          <select
            value={chosenOf(part, mixer.parts[part])}
            onChange={(event) => choose(part, event.currentTarget.value)}
          >
            <option value="">Automatic</option>
            {ORDERS[part].map((source) => (
              <option key={source} value={source}>
                {SOURCES[source]} first
              </option>
            ))}
            <option value="nobody">Nobody</option>
          </select>
          <small>{leaderText(mixer.parts[part])}</small>
        </label>
      ))}
    </div>
  );
}

/** The choice that a part's order stands for. */
function chosenOf(part: Part, { order }: MixedPart): string {
  if (order.length === 0) return "nobody";
  return order.join() === ORDERS[part].join() ? "" : order[0];
}

function leaderText({ leader }: MixedPart): string {
  return leader ? `Now: ${SOURCES[leader]}` : "At rest";
}

function MoreSources({ avatar, needsToken }: Pick<Props, "avatar" | "needsToken">) {
  const { live } = avatar;
  const address = roomAddress(location.href, live.room);
  const commands = (full: string) => (
    <>
      {PROGRAMS.map(([label, flag]) => (
        <MoreField
          key={flag}
          label={label}
          text={`mocast bridge "${full}" ${flag}`}
          onCopy={() => avatar.rememberRoom()}
        />
      ))}
      <MoreField
        label="A second camera for the face"
        text={full.replace(/(\?room=[^&#]*)/, "$1&part=face")}
        onCopy={() => avatar.rememberRoom()}
      />
    </>
  );
  return (
    <>
      <small>
        Run the command on a computer in the phone's network (VMC: where the program runs), and have the app
        send to it. A second camera opens this page as its own, and its part of the body is the room's.
      </small>
      {needsToken ? (
        <SharedLinkField
          link={live.link}
          address={address}
          action="Make the commands"
          allows="Whoever has it may publish in this room"
        >
          {commands}
        </SharedLinkField>
      ) : (
        commands(address)
      )}
    </>
  );
}

function MoreField(props: { readonly label: string; readonly text: string; onCopy(): void }) {
  return (
    <fieldset class="field">
      <legend>{props.label}</legend>
      <CopyField {...props} />
    </fieldset>
  );
}
