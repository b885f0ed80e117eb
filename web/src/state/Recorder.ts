import type { Recording } from "mocast-client";
import { ownServer } from "../api/ownServer";
import type { AvatarBody } from "../avatar/fit/describeBody";
import { Failure } from "../Failure";
import { storage } from "../storage/storage";
import { Store } from "./Store";

/** A recording that this browser made. */
export interface Take {
  /** Its address on the server; who has it may download and delete the recording. */
  readonly url: string;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly isRunning: boolean;
  readonly seconds: number;
  readonly bytes: number;
  /** How many people were tracked; unset in what an older page recorded. */
  readonly people?: number;
}

const POLL_MS = 1000;

/** Records the room on the server; stores the list of what this browser recorded, newest first. */
export class Recorder {
  readonly takes = new Store<readonly Take[]>([]);
  readonly failure = new Store<Failure | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isBusy = false;

  /** Whose motion is downloaded and played, where several people were tracked: 0 to 3. */
  readonly person = new Store(0);

  /** `people`: of how many there are rigs at present. */
  constructor(
    private readonly room: string,
    private readonly people: () => number = () => 1,
  ) {}

  /** Where a recording is as a file of this ending, of the person who is chosen. */
  addressOf({ url, people = 1 }: Take, ending: string): string {
    const person = Math.min(this.person.value, people - 1);
    return url + ending + (person > 0 && ending !== ".jsonl" ? `?person=${person}` : "");
  }

  get running(): Take | null {
    return this.takes.value.find(({ isRunning }) => isRunning) ?? null;
  }

  /** Load the list, as far as the server still has its recordings. */
  async open(): Promise<void> {
    const known = storage.load<Take[]>("takes") ?? [];
    const found = await Promise.all(known.map((take) => this.fetchTake(take)));
    this.set(found.filter((take) => take !== null));
    this.poll();
  }

  start(): Promise<void> {
    return this.run(async () => {
      const answer = await ownServer.call("POST", `v1/rooms/${encodeURIComponent(this.room)}/recordings`);
      const location = answer.headers.get("Location");
      if (!location) throw new Failure("refused", "The server's answer names no recording.");
      const url = new URL(location, answer.url).pathname;
      this.set([
        { url, at: Date.now(), isRunning: true, seconds: 0, bytes: 0, people: this.people() },
        ...this.takes.value,
      ]);
      this.poll();
    });
  }

  stop(): Promise<void> {
    return this.run(async () => {
      const take = this.running;
      if (!take) return;
      const answer = await ownServer.call("POST", `${take.url}/stop`);
      this.replace(take, asTake(take, await answer.json()));
    });
  }

  /**
   * Fetch the recording as a file, in the format of this ending, for an avatar's body where it is given; `null` where that
   * fails, which `failure` then tells.
   */
  async download(take: Take, ending: string, body: AvatarBody | null = null): Promise<File | null> {
    this.failure.set(null);
    try {
      const address = this.addressOf(take, ending);
      const answer = await (body ? ownServer.call("POST", address, body) : ownServer.call("GET", address));
      const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
      return new File([await answer.blob()], name ?? `recording${ending}`);
    } catch (error) {
      this.failure.set(Failure.from(error));
      return null;
    }
  }

  remove(take: Take): Promise<void> {
    return this.run(async () => {
      await ownServer.call("DELETE", take.url);
      this.replace(take, null);
    });
  }

  /** Run one action at a time: the second one of a double click is ignored. */
  private async run(action: () => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    this.failure.set(null);
    await action().catch((error) => this.failure.set(Failure.from(error)));
    this.isBusy = false;
  }

  /** The take as the server has it; `null` when it has no such recording any more; unchanged when it does not answer. */
  private async fetchTake(take: Take): Promise<Take | null> {
    const response = await ownServer.fetch(take.url).catch(() => null);
    if (response?.status === 404) return null;
    return response?.ok ? asTake(take, await response.json()) : take;
  }

  /** While one runs, ask for its length and whether the server ended it by itself. */
  private poll(): void {
    clearTimeout(this.timer);
    if (!this.running) return;
    this.timer = setTimeout(async () => {
      const take = this.running;
      if (take) this.replace(take, await this.fetchTake(take));
      this.poll();
    }, POLL_MS);
  }

  private replace(take: Take, by: Take | null): void {
    const now = this.takes.value;
    // It was stopped or deleted while the server was asked.
    if (!now.includes(take)) return;
    this.set(now.flatMap((other) => (other === take ? (by ?? []) : other)));
  }

  private set(takes: readonly Take[]): void {
    this.takes.set(takes);
    storage.save("takes", takes);
  }
}

function asTake(take: Take, { state, seconds, size }: Recording): Take {
  return { ...take, isRunning: state === "recording", seconds, bytes: size };
}
