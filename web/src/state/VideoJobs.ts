import { type AllSettings, type FileFormats, imageOptionNames, type Job, settingsQuery } from "mocast-client";
import { followJob } from "../api/followJob";
import { ownServer } from "../api/ownServer";
import { createJob, uploadVideo } from "../api/uploadVideo";
import { Failure } from "../Failure";
import { Store } from "./Store";

/** A video that was sent, or is being sent. */
export interface VideoJob {
  readonly job: Job;
  /** The video itself, where this page sent it. */
  readonly file: File | null;
  /** Why it could not be sent, or its job be followed. */
  readonly failure: Failure | null;
}

/** What is asked for with a video, beside how it is tracked and drawn. */
export interface Processing {
  /** The files that are made of it. */
  readonly formats: FileFormats;
  /** Whether nothing is left out for speed, whatever the settings' quality. */
  readonly isBest: boolean;
}

/** The videos that this page's token may see: sends them, follows their jobs, fetches and deletes what was made. */
export class VideoJobs {
  /** The newest first. */
  readonly videos = new Store<readonly VideoJob[]>([]);
  /** Why the last request about all of them failed. */
  readonly failure = new Store<Failure | null>(null);
  private readonly aborters = new Map<string, AbortController>();

  /** Load the list, and follow what has not ended. */
  async open(): Promise<void> {
    await this.run(async () => {
      const { jobs } = (await (await ownServer.call("GET", "v1/jobs")).json()) as { jobs: Job[] };
      const known = new Map(this.videos.value.map((video) => [video.job.id, video]));
      const listed = new Set(jobs.map(({ id }) => id));
      const sending = this.videos.value.filter(({ job }) => this.aborters.has(job.id) && !listed.has(job.id));
      this.videos.set([
        ...sending, // begun after the list was made
        ...jobs.map((job) => known.get(job.id) ?? { job, file: null, failure: null }),
      ]);
      for (const job of jobs) if (!hasEnded(job) && !this.aborters.has(job.id)) void this.follow(job.id);
    });
  }

  /** Send a video, and have it processed. */
  async add(file: File, settings: AllSettings, { formats, isBest }: Processing): Promise<void> {
    await this.run(async () => {
      const options = Object.entries(settings).filter(([name]) => imageOptionNames.includes(name));
      const query = settingsQuery(Object.fromEntries(options));
      query.set("formats", formats.join(","));
      if (isBest) query.set("quality", "best");
      const aborter = new AbortController();
      const job = await createJob(file, String(query), aborter.signal);
      this.aborters.set(job.id, aborter);
      // The list may have it before its sender does.
      const isOther = (video: VideoJob) => video.job.id !== job.id;
      this.videos.update((videos) => [{ job, file, failure: null }, ...videos.filter(isOther)]);
      try {
        await uploadVideo(job, file, (received) => this.change(job.id, { received }), aborter.signal);
        await this.follow(job.id);
      } catch (error) {
        if (!aborter.signal.aborted) this.fail(job.id, error);
      }
    });
  }

  /** End a job, whatever it does, and delete all of it. */
  async remove(id: string): Promise<void> {
    this.aborters.get(id)?.abort();
    await this.run(async () => {
      const answer = await ownServer.fetch(`v1/jobs/${id}`, { method: "DELETE" });
      if (!answer.ok && answer.status !== 404)
        throw new Failure("refused", "The video could not be deleted.");
      this.videos.update((videos) => videos.filter(({ job }) => job.id !== id));
    });
  }

  /** Fetch a result as a file; `null` where that fails, which `failure` then tells. */
  async download(id: string, name: string): Promise<File | null> {
    let file: File | null = null;
    await this.run(async () => {
      const blob = await (await ownServer.call("GET", resultPath(id, name))).blob();
      file = new File([blob], name, { type: blob.type });
    });
    return file;
  }

  private async follow(id: string): Promise<void> {
    const aborter = this.aborters.get(id) ?? new AbortController();
    this.aborters.set(id, aborter);
    try {
      await followJob(id, (job) => this.change(id, job), aborter.signal);
    } catch (error) {
      this.fail(id, error);
    } finally {
      this.aborters.delete(id);
    }
  }

  private change(id: string, change: Partial<Job>): void {
    this.videos.update((videos) =>
      videos.map((video) => (video.job.id === id ? { ...video, job: { ...video.job, ...change } } : video)),
    );
  }

  private fail(id: string, error: unknown): void {
    const failure = Failure.from(error);
    this.videos.update((videos) =>
      videos.map((video) => (video.job.id === id ? { ...video, failure } : video)),
    );
  }

  private async run(action: () => Promise<void>): Promise<void> {
    this.failure.set(null);
    try {
      await action();
    } catch (error) {
      this.failure.set(Failure.from(error));
    }
  }
}

/** The address of a file that was made of a job's video. */
export function resultPath(id: string, name: string): string {
  return `v1/jobs/${id}/results/${encodeURIComponent(name)}`;
}

function hasEnded({ state }: Job): boolean {
  return state === "done" || state === "failed";
}
