import { useEffect, useRef, useState } from "preact/hooks";
import type { AvatarView } from "../avatar/AvatarView";
import type { AvatarDesk } from "../studio/AvatarDesk";
import { CalibrationNotice } from "./CalibrationNotice";
import { Icon } from "./Icon";
import { StageStatus } from "./StageStatus";
import { StreamVideo } from "./StreamVideo";
import { useFileDrop } from "./useFileDrop";
import { useStore } from "./useStore";
import { watchPresented } from "./watchPresented";

interface Props {
  readonly desk: AvatarDesk;
  readonly isShown: boolean;
  /** A file was dropped on the avatar. */
  onFile(file: File): void;
}

/** The avatar, large, with one's own picture in a corner. Its code comes when it is first shown: it is the largest. */
export function AvatarStage({ desk, isShown, onFile }: Props) {
  const { studio } = desk;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<AvatarView | null>(null);
  const [isMissing, setMissing] = useState(false);
  const { isOver, handlers } = useFileDrop(onFile);
  const phase = useStore(studio.phase);
  const failure = useStore(studio.failure);
  const source = useStore(studio.source.chosen);
  const look = useStore(desk.look);
  const problem = useStore(desk.problem);
  const clip = useStore(desk.clip);
  const isLoading = useStore(desk.model.isLoading);

  useEffect(() => {
    let made: AvatarView | null = null;
    let isGone = false;
    import("../avatar/AvatarView")
      .then(({ AvatarView }) => {
        if (isGone || !canvas.current) return;
        made = new AvatarView(canvas.current);
        // Until it is shown: another tab may have been chosen meanwhile.
        made.isPaused = true;
        void desk.attach(made);
        setView(made);
      })
      .catch(() => setMissing(true));
    return () => {
      isGone = true;
      desk.detach();
      made?.dispose();
    };
  }, [desk]);
  useEffect(() => (view && isShown ? desk.show(view) : undefined), [desk, view, isShown]);

  const isOff = phase.is === "idle" || phase.is === "ended";
  return (
    <section aria-label="Avatar" class={`stage ${isOver ? "is-over" : ""}`} {...handlers}>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label="Your avatar. Arrow keys turn it, plus and minus zoom, 0 looks from the front."
      />
      {isMissing && (
        <div class="notice">
          <p>This browser cannot draw the avatar (WebGL is off).</p>
        </div>
      )}
      {look.inset && !isOff && <Inset desk={desk} />}
      {isLoading && isOff && (
        <p class="busy">
          <i aria-hidden="true" />
          Loading the avatar
        </p>
      )}
      {isOff && !failure && !problem && !clip && !isLoading && (
        <div class="start">
          <p>It follows your face, hands and body, with nothing but a camera.</p>
          <button type="button" class="button is-primary" onClick={() => void studio.start()}>
            <Icon name="play" />
            {source.file ? "Start video" : "Start camera"}
          </button>
        </div>
      )}
      {clip && (
        <p class="busy">
          Playing {clip}
          <button type="button" class="button is-small" onClick={() => desk.stopClip()}>
            Back to me
          </button>
        </p>
      )}
      {problem && (
        <div class="card notice" role="alert">
          <Icon name="warning" />
          <h2>This cannot be shown.</h2>
          <p>{problem}</p>
          <div class="row">
            <button type="button" class="button" onClick={() => desk.problem.set("")}>
              Close
            </button>
          </div>
        </div>
      )}
      <StageStatus studio={studio} />
      <CalibrationNotice calibrator={desk.calibrator} />
    </section>
  );
}

/** One's own picture, small: the annotated one, or the camera's while none comes back. */
function Inset({ desk }: { desk: AvatarDesk }) {
  const { studio } = desk;
  const returned = useStore(studio.stream);
  const preview = useStore(studio.source.preview);
  const hasPicture = useStore(studio.hasPicture);
  const { mirror } = useStore(studio.settings);
  const video = useRef<HTMLVideoElement>(null);
  // The live page's own video may be hidden, where browsers show no pictures.
  useEffect(() => {
    if (!returned || !video.current) return;
    return watchPresented(video.current, (rtp, time) => studio.present(rtp, time));
  }, [studio, returned]);
  return (
    <div class="inset">
      <StreamVideo stream={returned} videoRef={video} class="" label="Annotated picture" />
      {preview && !hasPicture && (
        <StreamVideo stream={preview} class={mirror ? "is-mirrored" : ""} label="Your camera" />
      )}
      <button
        type="button"
        class="button is-icon"
        aria-label="Hide my picture"
        title="Hide my picture"
        onClick={() => desk.change({ inset: false })}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
