import { canBeShown } from "../../state/canBeShown";
import { resultPath, type VideoJob, type VideoJobs } from "../../state/VideoJobs";
import { Icon } from "../controls/Icon";
import { saveFile } from "../controls/saveFile";
import { jobShare } from "../text/jobShare";
import { jobText } from "../text/jobText";
import { requestFailureText } from "../text/requestFailureText";

interface Props {
  readonly video: VideoJob;
  readonly jobs: VideoJobs;
  readonly isShown: boolean;
  readonly needsToken: boolean;
  onShow(): void;
  /** Play its motion on the avatar. */
  onPlay(animation: File, name: string): void;
}

/** One video in the list: how far it is, and what was made of it. */
export function JobItem({ video, jobs, isShown, needsToken, onShow, onPlay }: Props) {
  const { job, failure } = video;
  const animation = job.results.find(({ name }) => name.endsWith(".vrma"))?.name;
  const isBusy =
    !failure && (job.state === "uploading" || job.state === "waiting" || job.state === "running");
  const play = async () => {
    const file = animation ? await jobs.download(job.id, animation) : null;
    if (file) onPlay(file, job.name);
  };
  const save = async (event: Event, name: string) => {
    if (!needsToken) return;
    event.preventDefault();
    const file = await jobs.download(job.id, name);
    if (file) saveFile(file);
  };
  return (
    <li class={isShown ? "is-shown" : ""}>
      <button
        type="button"
        class="button is-small is-icon"
        aria-label={`Show ${job.name}`}
        aria-pressed={isShown}
        title="Show it"
        disabled={!canBeShown(video)}
        onClick={onShow}
      >
        <Icon name="play" />
      </button>
      <span class="name">
        {job.name}
        <small class={failure || job.state === "failed" ? "is-failed" : ""}>
          {failure ? requestFailureText(failure) : jobText(job)}
        </small>
      </span>
      <button
        type="button"
        class="button is-small is-icon"
        aria-label={isBusy ? `Cancel ${job.name}` : `Delete ${job.name}`}
        title={isBusy ? "Cancel it" : "Delete it on the server"}
        onClick={() => void jobs.remove(job.id)}
      >
        <Icon name={isBusy ? "close" : "trash"} />
      </button>
      {isBusy && <progress aria-label={`How far ${job.name} is`} value={jobShare(job) ?? undefined} />}
      {job.results.length > 0 && (
        <div class="row">
          {animation && (
            <button type="button" class="button is-small" onClick={() => void play()}>
              <Icon name="person" />
              On the avatar
            </button>
          )}
          {job.results.map(({ name }) => (
            <a
              key={name}
              class="button is-small"
              href={resultPath(job.id, name)}
              download
              title={name}
              onClick={(event) => void save(event, name)}
            >
              <Icon name="download" />
              {name === "summary.json" ? "summary" : name.replace(/^.*\./, "")}
            </a>
          ))}
        </div>
      )}
    </li>
  );
}
