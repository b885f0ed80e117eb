import type { Calibration } from "./api/Calibration";
import type { AllSettings, CustomGesture, Settings, Statistics } from "./api/generated";
import { MocastError } from "./MocastError";
import { RoomSession, type SessionEvents } from "./RoomSession";
import { PublisherSession } from "./rtc/PublisherSession";
import { videoTrack } from "./rtc/videoTrack";
import type { Server, TokenSource } from "./Server";
import { referenceJson } from "./wire/referenceJson";
import type { PoseSource, SourcePose } from "./wire/SourcePose";
import type { TrackedFrame } from "./wire/TrackedFrame";

/** What a publisher may ask for: the settings, which it may change later, and the rest. */
export interface PublishOptions extends Settings {
  /** What the server's calls are authorized with, where it asks for that. */
  readonly token?: TokenSource;
  /** A microphone's track, or `null` for none yet: see `replaceAudio`. Left out: there will be none. */
  readonly audio?: MediaStreamTrack | null;
  /** The `id` of an earlier session that may still hold the room, such as that of the page before it was reloaded. */
  readonly replace?: string | null;
  /** What this camera is for, beside another of the room's: `docs/mixing.md`. Left out: it is the room's. */
  readonly part?: "all" | "face" | "body";
  /** Use TURN relays only; for tests of the network. */
  readonly relayOnly?: boolean;
  /** Makes the encoded transform of each connection's sender (`RTCRtpScriptTransform`); `null`: none. */
  readonly transform?: () => RTCRtpScriptTransform | null;
}

/** What a publisher's session tells, by the name of the event. */
export interface PublisherEvents extends SessionEvents {
  /** All settings: at the beginning, and after each change, by whomever. */
  settings: AllSettings;
  /** Once a second. */
  statistics: Statistics;
  /** Once in a connection: the RTP timestamp of the camera's own video that is `pts` 0, to draw landmarks over that video. */
  clock: number;
  /** A new connection goes on without what an earlier one had, or what was given while there was none. */
  refused: Refusal;
}

/** Something that the server of a new connection does not take. The next connection is given it again, unless it is replaced. */
export interface Refusal {
  readonly what: "calibration" | "gestures" | "reference";
  /** Whose calibration it is; else 0. */
  readonly person: number;
  /** The server's reason. */
  readonly error: MocastError;
}

/** What each connection is given. */
interface Given extends Omit<Refusal, "error"> {
  give(session: PublisherSession): Promise<unknown>;
}

/**
 * A camera's session with a room: `publish` begins it. Calibrations, gestures and the reference, too, are for this connection
 * and those that follow it: what is given while there is none, the next one has. Repetitions are counted from 0 in each.
 */
export class Publisher extends RoomSession<PublisherEvents> {
  /** What the next connection begins with. */
  private options: PublishOptions;
  private audio: MediaStreamTrack | null | undefined;
  /** The last of each kind, and of a person. */
  private readonly given = new Map<string, Given | undefined>();

  /** @internal */
  constructor(
    private readonly server: Server,
    private readonly room: string,
    private track: MediaStreamTrack,
    { replace = null, audio, ...options }: PublishOptions,
  ) {
    super(replace);
    this.options = options;
    this.audio = audio;
    this.on("state", ({ is }) => is === "live" && this.restore());
  }

  /** The id of the session that holds the room, to be kept as `replace` of the next; whoever has it controls the session. */
  get id(): string | null {
    return this.reconnecting.id;
  }

  /**
   * Change settings, for this connection and those that follow it. Resolves when the server has them: while there is no
   * connection, with the next one. Rejects with a `MocastError` where the server refuses; nothing is changed then.
   */
  async change(settings: Settings): Promise<void> {
    const before = this.options;
    while (true) {
      const { session } = this;
      this.options = { ...this.options, ...settings };
      await this.connected();
      // Another connection than then: it began with them.
      if (!session || session !== this.session) return;
      try {
        await session.control.change(settings);
        return;
      } catch (error) {
        // Lost on its way: the next connection begins with them.
        if (this.state.is !== "live") continue;
        for (const name of Object.keys(settings) as (keyof Settings)[])
          this.options = { ...this.options, [name]: before[name] };
        throw error;
      }
    }
  }

  /**
   * Feed the room's mixer with what another source of this page says, such as vowels of a microphone; nothing happens while
   * there is no connection.
   */
  sendPose(source: PoseSource, pose: SourcePose): void {
    if (this.state.is === "live") this.session?.sendPose(source, pose);
  }

  /** Send another camera's picture from now on. */
  async replaceStream(stream: MediaStream): Promise<void> {
    this.track = videoTrack(stream);
    await this.session?.replaceTrack(this.track);
  }

  /** Send another microphone's sound from now on, or none; where the option `audio` was left out, that cannot be. */
  async replaceAudio(track: MediaStreamTrack | null): Promise<void> {
    if (this.audio === undefined) throw new TypeError("The session was begun without audio.");
    this.audio = track;
    await this.session?.replaceAudio(track);
  }

  /**
   * Measure a person, who holds still for so long; rejects with the server's reason where that cannot be done.
   * `person`: the index, where several people are tracked.
   */
  async calibrate(seconds: number, tPose = false, person = 0): Promise<Calibration | null> {
    const measured = await this.live().control.calibrate(seconds, tPose, person);
    this.keep(asGiven(measured, person));
    return measured;
  }

  /** Use what was measured before; `null`: nobody's. */
  setCalibration(calibration: Calibration | null, person = 0): Promise<void> {
    return this.give(asGiven(calibration, person));
  }

  /** Have these gestures told apart, and no others, besides the server's own. */
  setGestures(gestures: readonly CustomGesture[]): Promise<void> {
    return this.give({ what: "gestures", person: 0, give: ({ control }) => control.setGestures(gestures) });
  }

  /**
   * Have the person compared with a frame's pose, or with a motion by its frames (0.1 to 30 s); `null`: with nothing.
   * Analyses then have the `similarity`. `mirrored`: with the mirror image.
   */
  async setReference(
    reference: TrackedFrame | readonly TrackedFrame[] | null,
    mirrored = false,
  ): Promise<void> {
    const body = reference ? { ...referenceJson(reference), mirrored } : undefined;
    await this.give({
      what: "reference",
      person: 0,
      give: ({ id }) => this.server.call(body ? "PUT" : "DELETE", `v1/sessions/${id}/reference`, body),
    });
  }

  /** Begin ranges of motion and counts of repetitions anew. */
  async resetAnalysis(): Promise<void> {
    await this.live().control.resetAnalysis();
  }

  /** @internal */
  protected override make(replace: string | null, onLost: (error: MocastError) => void): PublisherSession {
    const { token: _, relayOnly, transform, part, ...settings } = this.options;
    return new PublisherSession({
      server: this.server,
      room: this.room,
      track: this.track,
      audio: this.audio,
      settings,
      replace,
      part,
      relayOnly,
      transform,
      ...this.handlers(),
      onSettings: (settings) => this.onSettings(settings),
      onStatistics: (statistics) => this.emit("statistics", statistics as Statistics),
      onClock: (rtp) => this.emit("clock", rtp),
      onLost,
    });
  }

  private onSettings(settings: AllSettings): void {
    this.options = { ...this.options, ...settings };
    this.emit("settings", settings);
  }

  private get session(): PublisherSession | null {
    // `make` makes no other.
    return this.reconnecting.session as PublisherSession | null;
  }

  /** Give it to this connection and to those that follow it; rejects where the server refuses it: they are not, then. */
  private async give(given: Given): Promise<void> {
    const { session } = this;
    const takeBack = this.keep(given);
    try {
      if (session && this.state.is === "live") return void (await given.give(session));
    } catch (error) {
      if (session === this.session) {
        takeBack();
        throw error;
      }
    }
    // There is no connection, or it was lost on the way: the next one begins with it.
    await this.connected();
  }

  /** Returns the function that undoes it. */
  private keep(given: Given): () => void {
    const key = given.what + given.person;
    const before = this.given.get(key);
    this.given.set(key, given);
    return () => {
      if (this.given.get(key) === given) this.given.set(key, before);
    };
  }

  /** Give a new connection what it is to have. */
  private restore(): void {
    const session = this.live();
    for (const given of this.given.values()) {
      given?.give(session).catch((error) => {
        // Else the connection was lost, and the next one is given it.
        if (session === this.session) this.emit("refused", { what: given.what, person: given.person, error });
      });
    }
  }

  private live(): PublisherSession {
    const { session } = this;
    if (!session || this.state.is !== "live") throw new MocastError("lost", "There is no connection.");
    return session;
  }
}

function asGiven(calibration: Calibration | null, person: number): Given {
  return {
    what: "calibration",
    person,
    give: ({ control }) => control.setCalibration(calibration, person),
  };
}
