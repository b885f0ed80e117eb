/** The live side of the page without its looks: source, session, frames and figures, as stores that the view watches. */
import { Failure } from "../rtc/Failure";
import { fetchServerInfo } from "../rtc/fetchServerInfo";
import { KeptSession } from "../rtc/KeptSession";
import { LinkMeter } from "../rtc/LinkMeter";
import { MocastSession } from "../rtc/MocastSession";
import type { Connection } from "../rtc/nextConnection";
import type { ServerInfo } from "../rtc/ServerInfo";
import type { Settings } from "../rtc/Settings";
import type { Statistics } from "../rtc/Statistics";
import { FrameHistory } from "../wire/FrameHistory";
import { changedSettings } from "./changedSettings";
import { defaultSettings } from "./defaultSettings";
import { LiveFigures } from "./LiveFigures";
import { memory } from "./memory";
import { ownRoom } from "./ownRoom";
import { PictureSource, type Source } from "./PictureSource";
import type { PresentedPicture } from "./PresentedPicture";
import { SettingsSender } from "./SettingsSender";
import { Store } from "./Store";

const REMARK_MS = 8000;

/** What the page is doing: a connection's state, or waiting for the person to allow the camera. */
export type Phase = Connection | { readonly is: "opening" };

export class Studio {
  readonly room: string;
  /** Whether the annotated picture comes back; without it the server draws and encodes nothing. */
  readonly returnsVideo: Store<boolean>;
  readonly info = new Store<ServerInfo | null>(null);
  readonly settings: Store<Settings>;
  readonly source = new PictureSource(() => this.fail(new Failure("camera-lost")));
  readonly phase = new Store<Phase>({ is: "idle" });
  /** What ended or prevented the session, until the next start. */
  readonly failure = new Store<Failure | null>(null);
  /** A remark that needs no action: the server's words, or a failure that ended nothing. */
  readonly notice = new Store<string | Failure>("");
  readonly stream = new Store<MediaStream | null>(null);
  /** Whether a picture of the present stream was shown. */
  readonly hasPicture = new Store(false);
  readonly statistics = new Store<Statistics | null>(null);
  readonly figures = new LiveFigures();
  readonly frames = new FrameHistory();
  presented: PresentedPicture | null = null;
  /** From the start (of the page's own work, after the camera was allowed) to the first annotated picture. */
  firstPictureMs: number | null = null;

  private readonly kept: KeptSession<MocastSession>;
  private readonly sender = new SettingsSender((settings) => this.send(settings));
  private readonly relayOnly: boolean;
  private meter = new LinkMeter();
  /** What the present session was asked for with. */
  private asked: Settings | null = null;
  private confirmed: Settings | null = null;
  private startedAtMs = 0;
  private remarkTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(query: URLSearchParams) {
    this.room = ownRoom(query);
    this.relayOnly = query.get("relay") === "1";
    const asked = query.get("return");
    this.returnsVideo = new Store(
      asked ? asked !== "none" : (memory.recall<boolean>("return-video") ?? true),
    );
    const mirror = memory.recall<boolean>("mirror") ?? defaultSettings.mirror;
    this.settings = new Store({ ...defaultSettings, ...memory.recall<Settings>("settings"), mirror });
    const own = memory.own();
    this.kept = new KeptSession(
      {
        make: (replace, onLost) => this.makeSession(replace, onLost),
        onChange: (connection) => this.onConnection(connection),
        onId: (id) => memory.keepOwn({ room: this.room, sessionId: id, wasLive: false }),
      },
      own?.room === this.room ? own.sessionId : null,
    );
  }

  get session(): MocastSession | null {
    return this.kept.session;
  }

  /** Begin to listen to the browser, and ask the server what it offers. */
  async open(): Promise<void> {
    addEventListener("online", () => this.kept.online());
    addEventListener("pagehide", () => this.onPageHide());
    addEventListener("pageshow", ({ persisted }) => persisted && this.onPageBack());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.source.refreshCameras());
    await this.source.refreshCameras();
    await this.refreshInfo();
    if (wasReloaded() && memory.own()?.wasLive) await this.start();
  }

  async start(): Promise<void> {
    if (this.phase.value.is !== "idle" && this.phase.value.is !== "ended") return;
    this.failure.set(null);
    this.notice.set("");
    this.phase.set({ is: "opening" });
    try {
      if (!globalThis.RTCPeerConnection) throw new Failure("unsupported-browser");
      if (!(await this.source.open())) return;
      this.startedAtMs = performance.now();
      this.firstPictureMs = null;
      this.kept.start();
    } catch (error) {
      this.fail(error);
    }
  }

  stop(): void {
    this.kept.stop();
    this.phase.set({ is: "idle" });
    this.letGo();
  }

  /** The person changes how the picture is tracked and drawn; the server learns of it at once while live. */
  change(settings: Partial<Settings>): void {
    if (settings.mirror !== undefined) memory.keep("mirror", settings.mirror);
    this.apply(settings);
  }

  /** Have the annotated picture back or not: what only a new session can change, so a running one is renewed. */
  returnVideo(isWanted: boolean): void {
    if (isWanted === this.returnsVideo.value) return;
    memory.keep("return-video", isWanted);
    this.returnsVideo.set(isWanted);
    this.kept.renew();
  }

  /** Change where the picture comes from; a running session goes on with the new one, and a file plays at once. */
  async choose(source: Partial<Source>): Promise<void> {
    if (!this.source.track) {
      this.source.choose(source);
      this.mirrorAsSource();
      const isOpening = this.phase.value.is === "opening";
      if (isOpening) this.stop();
      if (isOpening || source.file) await this.start();
      return;
    }
    try {
      if (!(await this.source.change(source))) return;
      this.mirrorAsSource();
      if (this.source.track) await this.session?.replaceTrack(this.source.track);
    } catch (error) {
      if (this.source.track) this.remark(asFailure(error));
      else this.fail(error);
    }
  }

  /** The view shows a picture of the returned stream. */
  present(rtpTimestamp: number | null, mediaTime: number): void {
    // A stream that ends shows a last, black picture.
    if (this.stream.value?.active !== true) return;
    const frame = rtpTimestamp === null ? this.frames.latest : this.frames.find(rtpTimestamp);
    this.presented = { rtpTimestamp, mediaTime, frame };
    if (this.hasPicture.value) return;
    this.firstPictureMs ??= performance.now() - this.startedAtMs;
    this.hasPicture.set(true);
  }

  private apply(settings: Partial<Settings>): void {
    this.settings.update((now) => ({ ...now, ...settings }));
    memory.keep("settings", this.settings.value);
    if (this.phase.value.is === "live") this.sender.change(settings);
  }

  /** Who sees themselves expects a mirror, who sees a film does not; until the person said what they want. */
  private mirrorAsSource(): void {
    if (memory.recall<boolean>("mirror") !== null) return;
    this.apply({ mirror: this.source.chosen.value.file === null });
  }

  private fail(error: unknown): void {
    this.stop();
    this.failure.set(asFailure(error));
  }

  private letGo(): void {
    this.source.close();
    this.forgetSession();
  }

  private forgetSession(): void {
    this.stream.set(null);
    this.hasPicture.set(false);
    this.statistics.set(null);
    this.figures.clear();
    this.frames.clear();
    this.presented = null;
  }

  private makeSession(replace: string | null, onLost: (failure: Failure) => void): MocastSession {
    this.forgetSession();
    this.meter = new LinkMeter();
    if (!this.source.track) throw new Error("a session needs a capture");
    this.asked = this.settings.value;
    return new MocastSession({
      room: this.room,
      track: this.source.track,
      settings: this.settings.value,
      returnVideo: this.returnsVideo.value,
      replace,
      relayOnly: this.relayOnly,
      onLandmarks: (frame) => this.frames.add(frame),
      onStream: (stream) => this.stream.set(stream),
      onSettings: (settings) => this.onSettings(settings),
      onStatistics: (statistics) => this.onStatistics(statistics),
      onNotice: (_notice, detail) => this.remark(detail),
      onLost,
    });
  }

  private onConnection(connection: Connection): void {
    this.phase.set(connection);
    if (connection.is === "ended") {
      this.letGo();
      this.failure.set(connection.failure);
    }
    if (connection.is === "waiting") this.forgetSession();
    if (connection.is === "live") this.sendLate();
  }

  /** What was changed while the session was on its way; before its greeting, which tells the settings it began with. */
  private sendLate(): void {
    const late = this.asked ? changedSettings(this.asked, this.settings.value) : {};
    if (Object.keys(late).length > 0) this.sender.change(late);
  }

  private onSettings(settings: Settings): void {
    this.confirmed = settings;
    if (!this.sender.isBusy) this.settings.set(onlyKnown(settings));
  }

  /** Show a remark for a while. */
  private remark(remark: string | Failure): void {
    this.notice.set(remark);
    clearTimeout(this.remarkTimer);
    this.remarkTimer = setTimeout(() => this.notice.set(""), REMARK_MS);
  }

  private async send(settings: Partial<Settings>): Promise<void> {
    try {
      await this.session?.change(settings);
    } catch (error) {
      // After an interruption the next session starts with them anyway.
      if (!(error instanceof Failure) || error.kind !== "refused") return;
      this.remark(error.detail);
      if (this.confirmed) this.settings.set(onlyKnown(this.confirmed));
    }
  }

  private async onStatistics(statistics: Statistics): Promise<void> {
    this.statistics.set(statistics);
    const session = this.session;
    if (!session) return;
    const link = await this.meter.read(session.connection);
    if (session === this.session) this.figures.add(statistics, link);
  }

  private async refreshInfo(): Promise<void> {
    this.info.set(await fetchServerInfo().catch(() => null));
  }

  private onPageHide(): void {
    const { session, phase } = this;
    const isOn = phase.value.is === "live" || phase.value.is === "connecting" || phase.value.is === "waiting";
    const wasLive = isOn && this.source.chosen.value.file === null;
    memory.keepOwn({ room: this.room, sessionId: session?.id ?? null, wasLive });
    session?.close();
  }

  /** Back from the browser's page cache, where the session could not live. */
  private async onPageBack(): Promise<void> {
    if (!memory.own()?.wasLive) return;
    this.stop();
    await this.start();
  }
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("camera-failed", String(error));
}

function onlyKnown(settings: Settings): Settings {
  const known = { ...defaultSettings } as Record<string, unknown>;
  for (const name of Object.keys(known)) {
    if (name in settings) known[name] = settings[name as keyof Settings];
  }
  return known as unknown as Settings;
}

function wasReloaded(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return (entry as PerformanceNavigationTiming | undefined)?.type === "reload";
}
