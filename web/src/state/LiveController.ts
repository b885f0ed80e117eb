/** State and actions of the live page: source, session, frames and statistics, as stores that the view watches. */

import {
  type AllSettings,
  type ConnectionState,
  Failure,
  FrameHistory,
  type Info,
  LinkMeter,
  PublisherSession,
  ReconnectingSession,
  type Settings,
  type Statistics,
} from "mocast-client";
import { fetchServerInfo } from "../api/fetchServerInfo";
import { storage } from "../storage/storage";
import { Access } from "./Access";
import { changedSettings } from "./changedSettings";
import { defaultSettings } from "./defaultSettings";
import type { PresentedFrame } from "./PresentedFrame";
import { SettingsSender } from "./SettingsSender";
import { SharedLink } from "./SharedLink";
import { StatisticsHistory } from "./StatisticsHistory";
import { Store } from "./Store";
import { tabRoom } from "./tabRoom";
import { type SourceOptions, VideoSource } from "./VideoSource";

const NOTICE_MS = 8000;

/** The session's state, or waiting for the person to allow the camera. */
export type Phase = ConnectionState | { readonly is: "opening" };

export class LiveController {
  readonly access = new Access(() => this.onToken());
  readonly room: string;
  /** Of a phone that becomes the room's camera. */
  readonly link: SharedLink;
  /** Whether the annotated picture comes back; without it the server draws and encodes nothing. */
  readonly returnsVideo: Store<boolean>;
  readonly info = new Store<Info | null>(null);
  readonly settings: Store<AllSettings>;
  readonly source = new VideoSource(() => this.fail(new Failure("camera-lost")));
  readonly phase = new Store<Phase>({ is: "idle" });
  /** What ended or prevented the session, until the next start. */
  readonly failure = new Store<Failure | null>(null);
  /** Shown for a while: the server's notice, or a failure that did not end the session. */
  readonly notice = new Store<string | Failure>("");
  readonly stream = new Store<MediaStream | null>(null);
  /** Whether a picture of the present stream has been shown. */
  readonly hasPicture = new Store(false);
  readonly statistics = new Store<Statistics | null>(null);
  readonly history = new StatisticsHistory();
  readonly frames = new FrameHistory();
  presented: PresentedFrame | null = null;
  /** From the start (of the page's own work, after the camera was allowed) to the first annotated picture. */
  firstPictureMs: number | null = null;

  private readonly reconnecting: ReconnectingSession<PublisherSession>;
  private readonly sender = new SettingsSender((settings) => this.send(settings));
  private readonly relayOnly: boolean;
  private meter = new LinkMeter();
  /** The settings that the present session was offered with. */
  private offered: AllSettings | null = null;
  private confirmed: AllSettings | null = null;
  private startedAtMs = 0;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(query: URLSearchParams) {
    this.room = tabRoom(query);
    this.link = new SharedLink(this.room, ["publish", "subscribe"]);
    this.relayOnly = query.get("relay") === "1";
    const asked = query.get("return");
    this.returnsVideo = new Store(asked ? asked !== "none" : (storage.load<boolean>("return-video") ?? true));
    const mirror = storage.load<boolean>("mirror") ?? defaultSettings.mirror;
    this.settings = new Store({ ...defaultSettings, ...storage.load<AllSettings>("settings"), mirror });
    const tab = storage.loadTab();
    this.reconnecting = new ReconnectingSession(
      {
        make: (replace, onLost) => this.makeSession(replace, onLost),
        onChange: (connection) => this.onConnection(connection),
        onId: (id) => storage.saveTab({ room: this.room, sessionId: id, wasLive: false }),
      },
      tab?.room === this.room ? tab.sessionId : null,
    );
  }

  get session(): PublisherSession | null {
    return this.reconnecting.session;
  }

  /** Listen to the browser's events, ask the server what it offers, and go on where a reload interrupted. */
  async open(): Promise<void> {
    addEventListener("online", () => this.reconnecting.online());
    addEventListener("pagehide", () => this.onPageHide());
    document.addEventListener("visibilitychange", () => this.onVisible());
    addEventListener("pageshow", ({ persisted }) => persisted && this.onPageBack());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.source.refreshCameras());
    await this.source.refreshCameras();
    await this.refreshInfo();
    const auth = this.info.value?.auth ?? "none";
    if (auth !== "none" && !this.access.hasToken) this.access.ask();
    else if (wasReloaded() && storage.loadTab()?.wasLive) await this.start();
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
      this.reconnecting.start();
    } catch (error) {
      this.fail(error);
    }
  }

  stop(): void {
    this.reconnecting.stop();
    this.phase.set({ is: "idle" });
    this.release();
  }

  /** Change settings; while live the server gets them at once. */
  change(settings: Settings): void {
    if (settings.mirror !== undefined) storage.save("mirror", settings.mirror);
    this.apply(settings);
  }

  /** Whether the annotated picture comes back. Only a new session can change it, so a running one is renewed. */
  setReturnsVideo(isWanted: boolean): void {
    if (isWanted === this.returnsVideo.value) return;
    storage.save("return-video", isWanted);
    this.returnsVideo.set(isWanted);
    this.reconnecting.renew();
  }

  /** Change the camera or file; a running session goes on with the new one, and a file plays at once. */
  async selectSource(source: Partial<SourceOptions>): Promise<void> {
    if (!this.source.track) {
      this.source.select(source);
      this.mirrorLikeSource();
      const isOpening = this.phase.value.is === "opening";
      if (isOpening) this.stop();
      if (isOpening || source.file) await this.start();
      return;
    }
    try {
      if (!(await this.source.change(source))) return;
      this.mirrorLikeSource();
      if (this.source.track) await this.session?.replaceTrack(this.source.track);
    } catch (error) {
      if (this.source.track) this.showNotice(Failure.from(error, "camera-failed"));
      else this.fail(error);
    }
  }

  /** The view reports that it shows a picture of the returned stream. */
  present(rtpTimestamp: number | null, mediaTime: number): void {
    // A stream that ends shows a last, black picture.
    if (this.stream.value?.active !== true) return;
    const frame = rtpTimestamp === null ? this.frames.latest : this.frames.find(rtpTimestamp);
    this.presented = { rtpTimestamp, mediaTime, frame };
    if (this.hasPicture.value) return;
    this.firstPictureMs ??= performance.now() - this.startedAtMs;
    this.hasPicture.set(true);
  }

  private apply(settings: Settings): void {
    this.settings.update((now) => ({ ...now, ...settings }));
    storage.save("settings", this.settings.value);
    if (this.phase.value.is === "live") this.sender.change(settings);
  }

  /** Mirror a camera and no file, as people expect, unless the person has set it. */
  private mirrorLikeSource(): void {
    if (storage.load<boolean>("mirror") !== null) return;
    this.apply({ mirror: this.source.selected.value.file === null });
  }

  private fail(error: unknown): void {
    this.stop();
    this.failure.set(Failure.from(error, "camera-failed"));
  }

  private release(): void {
    this.source.close();
    this.clearSession();
  }

  private clearSession(): void {
    this.notice.set("");
    this.stream.set(null);
    this.hasPicture.set(false);
    this.statistics.set(null);
    this.history.clear();
    this.frames.clear();
    this.presented = null;
  }

  private makeSession(replace: string | null, onLost: (failure: Failure) => void): PublisherSession {
    this.clearSession();
    this.meter = new LinkMeter();
    if (!this.source.track) throw new Error("a session needs a capture");
    this.offered = this.settings.value;
    return new PublisherSession({
      room: this.room,
      track: this.source.track,
      settings: this.settings.value,
      returnVideo: this.returnsVideo.value,
      replace,
      relayOnly: this.relayOnly,
      // The page shows one person, the first.
      onLandmarks: (frame) => frame.person === 0 && this.frames.add(frame),
      onStream: (stream) => this.stream.set(stream),
      onSettings: (settings) => this.onSettings(settings),
      onStatistics: (statistics) => this.onStatistics(statistics),
      onNotice: (notice, detail) => this.onNotice(notice, detail),
      onLost,
    });
  }

  private onConnection(connection: ConnectionState): void {
    this.phase.set(connection);
    if (connection.is === "ended") {
      this.release();
      this.failure.set(connection.failure);
    }
    if (connection.is === "waiting") this.clearSession();
    if (connection.is === "live") this.sendMissedChanges();
  }

  /** Send what was changed since the offer, before the session's first message tells the settings it began with. */
  private sendMissedChanges(): void {
    const missed = this.offered ? changedSettings(this.offered, this.settings.value) : {};
    if (Object.keys(missed).length > 0) this.sender.change(missed);
  }

  private onSettings(settings: AllSettings): void {
    this.confirmed = settings;
    if (!this.sender.isBusy) this.settings.set(knownSettings(settings));
  }

  private onNotice(notice: string, detail: string): void {
    // What closes the session is shown as its failure.
    if (notice !== "closing" && notice !== "limit") this.showNotice(detail, notice === "draining");
  }

  /** Show a notice for a while, or until the session ends. */
  private showNotice(notice: string | Failure, isLasting = false): void {
    this.notice.set(notice);
    clearTimeout(this.noticeTimer);
    if (!isLasting) this.noticeTimer = setTimeout(() => this.notice.set(""), NOTICE_MS);
  }

  private async send(settings: Settings): Promise<void> {
    try {
      await this.session?.change(settings);
    } catch (error) {
      // After an interruption the next session starts with them anyway.
      if (!(error instanceof Failure) || error.kind !== "refused") return;
      this.showNotice(error);
      if (this.confirmed) this.settings.set(knownSettings(this.confirmed));
    }
  }

  private async onStatistics(statistics: Statistics): Promise<void> {
    this.statistics.set(statistics);
    const session = this.session;
    if (!session) return;
    const link = await this.meter.read(session.connection);
    if (session === this.session) this.history.add(statistics, link);
  }

  /** Go on where the server asked for a token. */
  private onToken(): void {
    if (this.failure.value?.kind === "token-needed" || this.failure.value?.kind === "not-allowed")
      void this.start();
  }

  private async refreshInfo(): Promise<void> {
    this.info.set(await fetchServerInfo().catch(() => null));
  }

  private onPageHide(): void {
    const { session, phase } = this;
    const isOn = phase.value.is === "live" || phase.value.is === "connecting" || phase.value.is === "waiting";
    const wasLive = isOn && this.source.selected.value.file === null;
    storage.saveTab({ room: this.room, sessionId: session?.id ?? null, wasLive });
    session?.close();
  }

  /** Phones stop the camera of a page that is hidden, and the server does not wait long for its pictures. */
  private onVisible(): void {
    if (!document.hidden && this.failure.value?.kind === "closed-for-good") void this.start();
  }

  /** Back from the browser's page cache, where the session could not live. */
  private async onPageBack(): Promise<void> {
    if (!storage.loadTab()?.wasLive) return;
    this.stop();
    await this.start();
  }
}

/** The settings that this page knows; a newer server may have more. */
function knownSettings(settings: AllSettings): AllSettings {
  const known = { ...defaultSettings } as Record<string, unknown>;
  for (const name of Object.keys(known)) {
    if (name in settings) known[name] = settings[name as keyof AllSettings];
  }
  return known as unknown as AllSettings;
}

function wasReloaded(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  return (entry as PerformanceNavigationTiming | undefined)?.type === "reload";
}
