import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AvatarView } from "../../avatar/AvatarView";
import type { AvatarController } from "../../state/AvatarController";
import { ErrorNotice } from "../controls/ErrorNotice";
import { Icon } from "../controls/Icon";
import { partMissing } from "../controls/partMissing";
import { useFileDrop } from "../controls/useFileDrop";
import { useStore } from "../controls/useStore";
import { StageStatus } from "../session/StageStatus";
import { StartButton } from "../session/StartButton";
import { StreamVideo } from "../session/StreamVideo";
import { watchPresented } from "../session/watchPresented";
import { CalibrationNotice } from "./CalibrationNotice";
import "./AvatarStage.css";

interface Props {
  readonly avatar: AvatarController;
  readonly isShown: boolean;
  /** A file was dropped on the avatar. */
  onFile(file: File): void;
}

/** The avatar, large, with the camera's picture in a corner. Its code, the largest part, is loaded when it is first shown. */
export function AvatarStage({ avatar, isShown, onFile }: Props) {
  const { live } = avatar;
  const canvas = useRef<HTMLCanvasElement>(null);
  const unable = useAvatarView(avatar, canvas, isShown);
  const { isOver, handlers } = useFileDrop(onFile);
  const phase = useStore(live.phase);
  const failure = useStore(live.failure);
  const source = useStore(live.source.selected);
  const display = useStore(avatar.display);
  const problem = useStore(avatar.problem);
  const clip = useStore(avatar.clip);
  const isLoading = useStore(avatar.selection.isLoading);

  // A token is asked for above the stage.
  const isTold = failure !== null && failure.kind !== "token-needed";
  const isOff = phase.is === "idle" || phase.is === "ended";
  return (
    <section aria-label="Avatar" class={`stage ${isOver ? "is-over" : ""}`} {...handlers}>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label="Your avatar. Arrow keys turn it, plus and minus zoom, 0 looks from the front."
      />
      {unable && (
        <div class="notice" role="alert">
          <p>{unable}</p>
        </div>
      )}
      {display.inset && !isOff && <Inset avatar={avatar} />}
      {isLoading && isOff && (
        <p class="busy">
          <i aria-hidden="true" />
          Loading the avatar
        </p>
      )}
      {isOff && !isTold && !problem && !clip && !isLoading && (
        <div class="start">
          <p>It follows your face, hands and body, with nothing but a camera.</p>
          <StartButton live={live}>
            <Icon name="play" />
            {source.file ? "Start video" : "Start camera"}
          </StartButton>
        </div>
      )}
      {clip && (
        <p class="busy">
          Playing {clip}
          <button type="button" class="button is-small" onClick={() => avatar.stopClip()}>
            Back to me
          </button>
        </p>
      )}
      {problem && (
        <ErrorNotice title="This cannot be shown." text={problem}>
          <button type="button" class="button" onClick={() => avatar.problem.set("")}>
            Close
          </button>
        </ErrorNotice>
      )}
      <StageStatus live={live} />
      <CalibrationNotice calibrator={avatar.calibrator} />
    </section>
  );
}

/** Load and attach what draws the avatar, and let it draw while it is shown; returns why that cannot be, or nothing. */
function useAvatarView(
  avatar: AvatarController,
  canvas: RefObject<HTMLCanvasElement | null>,
  isShown: boolean,
): string {
  const [view, setView] = useState<AvatarView | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let made: AvatarView | null = null;
    let isGone = false;
    import("../../avatar/AvatarView")
      .then(
        ({ AvatarView }) => {
          if (isGone || !canvas.current) return;
          made = new AvatarView(canvas.current);
          // Until it is shown: another tab may have been chosen meanwhile.
          made.loop.isPaused = true;
          void avatar.attach(made);
          setView(made);
        },
        () => setProblem(partMissing),
      )
      .catch(() => setProblem("This browser cannot draw the avatar (WebGL is off)."));
    return () => {
      isGone = true;
      avatar.detach();
      made?.dispose();
    };
  }, [avatar, canvas]);
  useEffect(() => (view && isShown ? avatar.show(view) : undefined), [avatar, view, isShown]);
  return problem;
}

/** The annotated picture, small; the camera's until there is one. */
function Inset({ avatar }: { avatar: AvatarController }) {
  const { live } = avatar;
  const returned = useStore(live.picture.stream);
  const preview = useStore(live.source.preview);
  const shown = useStore(live.own.shown);
  const { mirror } = useStore(live.settings);
  const video = useRef<HTMLVideoElement>(null);
  const drawn = useRef<HTMLCanvasElement>(null);
  useEffect(() => (drawn.current ? live.own.attach(drawn.current) : undefined), [live]);
  // The live page's own video may be hidden, where browsers show no pictures.
  useEffect(() => {
    if (!returned || !video.current) return;
    return watchPresented(video.current, (rtp, time) => live.picture.present(rtp, time));
  }, [live, returned]);
  return (
    <div class="inset">
      <StreamVideo stream={returned} videoRef={video} class="" label="Annotated picture" />
      <canvas
        ref={drawn}
        hidden={shown !== "here"}
        role="img"
        aria-label="Your picture, annotated by this page"
      />
      {preview && !shown && (
        <StreamVideo stream={preview} class={mirror ? "is-mirrored" : ""} label="Your camera" />
      )}
      <button
        type="button"
        class="button is-icon"
        aria-label="Hide my picture"
        title="Hide my picture"
        onClick={() => avatar.change({ inset: false })}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
