import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import { Deferred } from "../controls/Deferred";
import { Icon } from "../controls/Icon";
import { useStore } from "../controls/useStore";
import { StageStatus } from "../session/StageStatus";
import { StartButton } from "../session/StartButton";
import { StreamVideo } from "../session/StreamVideo";
import { watchPresented } from "../session/watchPresented";

const loadJointReadout = async () => (await import("./JointReadout")).JointReadout;

interface Props {
  readonly live: LiveController;
  /** What lies over the picture. */
  readonly children?: ComponentChildren;
  /** A file was dropped on the picture. */
  onFile(file: File): void;
}

/** The picture, large: the annotated one, and until it is there the camera's own. */
export function VideoStage({ live, children, onFile }: Props) {
  const phase = useStore(live.phase);
  const failure = useStore(live.failure);
  const stream = useStore(live.picture.stream);
  const preview = useStore(live.source.preview);
  const shown = useStore(live.own.shown);
  const isAble = useStore(live.own.isAble);
  const settings = useStore(live.settings);
  const source = useStore(live.source.selected);
  const stage = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? live.own.attach(canvas.current) : undefined), [live]);
  useEffect(() => {
    if (!stream || !video.current) return;
    return watchPresented(video.current, (rtp, time) => live.picture.present(rtp, time));
  }, [live, stream]);

  const isOff = phase.is === "idle" || phase.is === "ended";
  // A token is asked for above the stage.
  const isTold = failure !== null && failure.kind !== "token-needed";
  const showsOwn = preview && !shown;
  return (
    <section
      ref={stage}
      aria-label="Picture"
      class={`stage ${shown ? `has-picture is-drawn-${shown}` : ""}`}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const file = event.dataTransfer?.files[0];
        if (file) onFile(file);
      }}
    >
      <StreamVideo stream={stream} videoRef={video} class="returned" label="Annotated picture" />
      <canvas ref={canvas} class="drawn" role="img" aria-label="Your picture, annotated by this page" />
      {showsOwn && (
        <StreamVideo
          stream={preview}
          class={`own ${settings.mirror ? "is-mirrored" : ""}`}
          label={`Your ${source.file ? "video" : "camera"}, not yet annotated`}
        />
      )}
      {phase.is === "live" && <Deferred load={loadJointReadout} props={{ live, target: stage }} isExtra />}
      {children}
      {isOff && !isTold && <Welcome live={live} isFile={source.file !== null} />}
      <StageStatus live={live} />
      {phase.is === "live" && !isAble && settings.return === "none" && (
        <div class="notice">
          <p>Landmarks only: this browser cannot draw them in step, and no picture comes back.</p>
          <button type="button" class="button" onClick={() => live.own.choose("server")}>
            Have the picture back
          </button>
        </div>
      )}
    </section>
  );
}

function Welcome({ live, isFile }: { live: LiveController; isFile: boolean }) {
  return (
    <div class="welcome">
      <svg viewBox="0 0 120 150" aria-hidden="true">
        <g>
          <path class="head" d="M60 14a12 12 0 100 24 12 12 0 000-24" />
          <path class="torso" d="M42 50h36l-6 42H48z" />
          <path class="left" d="M78 50l18 24 14-22" />
          <path class="right" d="M42 50L22 70 10 98" />
          <path class="left-leg" d="M72 92l6 26 4 26" />
          <path class="right-leg" d="M48 92l-6 26-8 26" />
        </g>
      </svg>
      <h2>Your motion, live.</h2>
      <p>Send your camera, get it back annotated, with every joint as data. It all stays on this server.</p>
      <StartButton live={live} isLarge>
        <Icon name="play" />
        {isFile ? "Start video" : "Start camera"}
      </StartButton>
    </div>
  );
}
