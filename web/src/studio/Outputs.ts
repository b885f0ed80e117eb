import { callServer } from "../rtc/callServer";
import { Failure } from "../rtc/Failure";
import type { Output } from "../rtc/Output";
import { Store } from "./Store";

const LOOK_EVERY_MS = 2000;

/** What is asked for of an output; the server adds how it fares. */
export type OutputChoice = Pick<Output, "kind" | "host" | "port" | "mirror">;

/** The outputs of the room: other apps that the server itself sends the rig to, where its operator allows that. */
export class Outputs {
  /** `null` while it is not known, or not allowed. */
  readonly list = new Store<readonly Output[] | null>(null);
  readonly failure = new Store<Failure | null>(null);
  private readonly url: string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: string) {
    this.url = `/v1/rooms/${encodeURIComponent(room)}/outputs`;
  }

  /** Look how they fare, now and again until the returned function is called. */
  watch(): () => void {
    let isOver = false;
    const look = async () => {
      const list = await this.fetch();
      if (isOver) return;
      this.list.set(list);
      // Not allowed: that only changes when the server is started anew.
      if (list) this.timer = setTimeout(look, LOOK_EVERY_MS);
    };
    void look();
    return () => {
      isOver = true;
      clearTimeout(this.timer);
    };
  }

  /** Send to these from now on, and to no others. */
  async set(outputs: readonly OutputChoice[]): Promise<void> {
    this.failure.set(null);
    try {
      const answer = await callServer("PUT", this.url, { outputs });
      this.list.set(((await answer.json()) as { outputs: Output[] }).outputs);
    } catch (error) {
      this.failure.set(error instanceof Failure ? error : new Failure("refused", String(error)));
    }
  }

  private async fetch(): Promise<readonly Output[] | null> {
    const response = await fetch(this.url).catch(() => null);
    // A server that is away for a moment is asked again.
    if (!response || response.status >= 500) return this.list.value ?? [];
    if (!response.ok) return null;
    return ((await response.json()) as { outputs: Output[] }).outputs;
  }
}
