import type { Mixer, MixerSettings } from "mocast-client";
import { ownServer } from "../api/ownServer";
import { Failure } from "../Failure";
import { storage } from "../storage/storage";
import type { Phase } from "./LiveController";
import { Store } from "./Store";

const POLL_MS = 1000;

/** What the mixer needs of `LiveController`. */
interface Live {
  readonly room: string;
  readonly phase: Store<Phase>;
  /** What this page's camera is for, beside another of the room's. */
  readonly part: string | undefined;
}

/** Who moves which part of the room's avatar: stored in the browser, and sent to every session that starts. */
export class RoomMixer {
  /** `null`: nobody is in the room. */
  readonly state = new Store<Mixer | null>(null);
  readonly failure = new Store<Failure | null>(null);
  private readonly url: string;

  constructor(private readonly live: Live) {
    this.url = `v1/rooms/${encodeURIComponent(live.room)}/mixer`;
    live.phase.watch(() => this.onPhase());
  }

  /** Poll it until the returned function is called. */
  watch(): () => void {
    void this.poll();
    const timer = setInterval(() => void this.poll(), POLL_MS);
    return () => clearInterval(timer);
  }

  /** Have these parts led so, now and at every start. */
  async set(settings: MixerSettings): Promise<void> {
    storage.save("mixer", { ...storage.load<MixerSettings>("mixer"), ...settings });
    await this.send(settings);
  }

  private onPhase(): void {
    const kept = storage.load<MixerSettings>("mixer");
    if (kept && this.live.phase.value.is === "live" && !this.live.part) void this.send(kept);
  }

  private async send(settings: MixerSettings): Promise<void> {
    this.failure.set(null);
    try {
      const response = await ownServer.call("PATCH", this.url, settings);
      this.state.set((await response.json()) as Mixer);
    } catch (error) {
      this.failure.set(Failure.from(error));
    }
  }

  private async poll(): Promise<void> {
    const response = await ownServer.fetch(this.url).catch(() => null);
    if (response?.ok) this.state.set((await response.json()) as Mixer);
    if (response?.status === 404) this.state.set(null);
  }
}
