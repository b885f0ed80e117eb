import { Emitter } from "./Emitter";
import { LatestValue } from "./LatestValue";
import { MocastError } from "./MocastError";
import type { Notice } from "./Notice";
import type { ConnectionState } from "./rtc/nextConnectionState";
import { type Connectable, ReconnectingSession } from "./rtc/ReconnectingSession";
import type { StreamName } from "./StreamName";
import type { AnalysisFrame, MotionEvent } from "./wire/AnalysisFrame";
import type { RigFrame } from "./wire/RigFrame";
import type { TrackedFrame } from "./wire/TrackedFrame";

const STREAMS: readonly StreamName[] = ["landmarks", "rig", "analysis"];

/** What every session tells, by the name of the event. */
export interface SessionEvents {
  /** It is connected, waits, or has ended. */
  state: ConnectionState;
  /** One person's landmarks in one frame. */
  landmarks: TrackedFrame;
  /** One person's bones and face in one frame. The server computes them while somebody listens. */
  rig: RigFrame;
  /** What one person's motion means in one frame. The server computes it while somebody listens. */
  analysis: AnalysisFrame;
  /** What happens to the person, as far as the option `events` names it: every one, in order. */
  event: MotionEvent;
  /** The annotated picture: a new stream with each connection. A publisher has no pictures while `return` is `none`. */
  video: MediaStream;
  /** What the server says. */
  notice: Notice;
}

/** What is needed of one connection. */
export interface StreamSession extends Connectable {
  readonly connection: RTCPeerConnection | null;
  /** Receive these from now on; `false` where it takes another connection. */
  want(streams: ReadonlySet<StreamName>): boolean;
}

/** A session with a room that connects again by itself: what `publish` and `subscribe` have in common. */
export abstract class RoomSession<Events extends SessionEvents> {
  private readonly events = new Emitter<Events>((name) => this.onListeners(name));
  /** @internal */
  protected readonly reconnecting: ReconnectingSession<StreamSession>;

  /** @internal */
  protected constructor(replace: string | null) {
    this.reconnecting = new ReconnectingSession(
      {
        make: (last, onLost) => this.makeWanting(last, onLost),
        onChange: (state) => this.emit("state", state),
      },
      replace,
    );
    // Not before whoever asked for it listens.
    queueMicrotask(() => this.reconnecting.start());
  }

  /** What it is doing. */
  get state(): ConnectionState {
    return this.reconnecting.state;
  }

  /** The WebRTC connection, for its statistics; `null` between two, and over a WebSocket. */
  get connection(): RTCPeerConnection | null {
    return this.reconnecting.session?.connection ?? null;
  }

  /** Call `listener` with each event of that name; returns the function that ends it. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    return this.events.on(name, listener);
  }

  /** Landmarks as they come, over interruptions too; whoever is slow gets the newest. Ends with the session: throws its error. */
  landmarks(): AsyncGenerator<TrackedFrame, void, void> {
    return this.newest("landmarks");
  }

  /** Rigs, in the same way. */
  rigs(): AsyncGenerator<RigFrame, void, void> {
    return this.newest("rig");
  }

  /** Analyses, in the same way. */
  analyses(): AsyncGenerator<AnalysisFrame, void, void> {
    return this.newest("analysis");
  }

  /** Resolves while it is connected; rejects with a `MocastError` when it has ended. */
  async connected(): Promise<void> {
    const { state } = this;
    if (state.is === "live") return;
    if (state.is === "ended") throw state.error;
    if (state.is === "closed") throw new MocastError("lost", "The session was closed.");
    await new Promise<void>((resolve) => {
      const stop = this.on("state", () => {
        stop();
        resolve();
      });
    });
    return this.connected();
  }

  /** End the session; a publisher's room is free at once. */
  close(): void {
    this.reconnecting.close();
  }

  /**
   * Make a session for one connection, not yet connected.
   *
   * @internal
   */
  protected abstract make(replace: string | null, onLost: (error: MocastError) => void): StreamSession;

  /** @internal */
  protected emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    this.events.emit(name, value);
  }

  /**
   * What every connection tells.
   *
   * @internal
   */
  protected handlers() {
    return {
      onLandmarks: (frame: TrackedFrame) => this.emit("landmarks", frame),
      onRig: (rig: RigFrame) => this.emit("rig", rig),
      onAnalysis: (analysis: AnalysisFrame) => this.emit("analysis", analysis),
      onEvent: (event: MotionEvent) => this.emit("event", event),
      onNotice: (notice: string, detail: string) => this.emit("notice", { notice, detail }),
      onStream: (stream: MediaStream) => this.emit("video", stream),
    };
  }

  private makeWanting(replace: string | null, onLost: (error: MocastError) => void): StreamSession {
    const session = this.make(replace, onLost);
    session.want(this.wanted());
    return session;
  }

  private wanted(): ReadonlySet<StreamName> {
    return new Set(STREAMS.filter((name) => this.events.has(name)));
  }

  private onListeners(name: keyof Events): void {
    const { session } = this.reconnecting;
    if (!session || !STREAMS.includes(name as StreamName)) return;
    if (!session.want(this.wanted())) this.reconnecting.renew();
  }

  private async *newest<Name extends StreamName>(name: Name): AsyncGenerator<Events[Name], void, void> {
    const latest = new LatestValue<Events[Name]>();
    const check = (state: ConnectionState) => {
      if (state.is === "closed") latest.finish(null);
      if (state.is === "ended") latest.finish(state.error);
    };
    const stops = [this.on(name, (value) => latest.put(value)), this.on("state", check)];
    check(this.state);
    try {
      yield* latest.values();
    } finally {
      for (const stop of stops) stop();
    }
  }
}
