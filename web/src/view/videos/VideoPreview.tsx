import { useEffect, useRef, useState } from "preact/hooks";
import { annotatedFilm } from "../../state/annotatedFilm";
import { resultPath, type VideoJob, type VideoJobs } from "../../state/VideoJobs";

/** Two films that are further apart are brought together; a frame is 0.03 s. */
const MOST_APART_S = 0.08;

interface Props {
  readonly video: VideoJob;
  readonly jobs: VideoJobs;
  /** Whether downloads need a token, which an address cannot carry. */
  readonly needsToken: boolean;
}

/** The video as it was, if this page sent it, and the annotated one beside it, in step. */
export function VideoPreview({ video: { job, file }, jobs, needsToken }: Props) {
  const own = useFileUrl(file);
  const annotated = useAnnotatedUrl(job, jobs, needsToken);
  const ownVideo = useRef<HTMLVideoElement>(null);
  const follow = ({ currentTarget: { currentTime, paused } }: { currentTarget: HTMLVideoElement }) => {
    const follower = ownVideo.current;
    if (!follower) return;
    if (Math.abs(follower.currentTime - currentTime) > MOST_APART_S) follower.currentTime = currentTime;
    if (paused !== follower.paused) void (paused ? follower.pause() : follower.play().catch(() => {}));
  };
  return (
    <div class="preview">
      {own && <video ref={ownVideo} src={own} muted playsInline aria-label={`${job.name}, as it was`} />}
      {annotated && (
        // biome-ignore lint/a11y/useMediaCaption: nobody has written any for a film of somebody's own.
        <video
          src={annotated}
          controls
          loop
          playsInline
          aria-label={`${job.name}, annotated`}
          onPlay={follow}
          onPause={follow}
          onSeeked={follow}
          onTimeUpdate={follow}
        />
      )}
    </div>
  );
}

function useFileUrl(file: File | null): string {
  const [url, setUrl] = useState("");
  useEffect(() => {
    if (!file) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => {
      setUrl("");
      URL.revokeObjectURL(made);
    };
  }, [file]);
  return url;
}

/** The address of the annotated video: the server's own, so that it need not be loaded whole, where it takes no token. */
function useAnnotatedUrl(job: VideoJob["job"], jobs: VideoJobs, needsToken: boolean): string {
  const name = annotatedFilm(job);
  const [file, setFile] = useState<File | null>(null);
  useEffect(() => {
    setFile(null);
    if (name && needsToken) void jobs.download(job.id, name).then(setFile);
  }, [job.id, jobs, name, needsToken]);
  const fetched = useFileUrl(file);
  return needsToken || !name ? fetched : resultPath(job.id, name);
}
