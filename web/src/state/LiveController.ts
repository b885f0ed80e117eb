/** State and actions of the live page: source, session, frames and statistics, as stores that the view watches. */

import {
  type AllSettings,
  type AnalysisFrame,
  type ConnectionState,
  FrameHistory,
  type Info,
  LinkMeter,
  MocastError,
  type Notice,
  type Publisher,
  publish,
  type Settings,
  type Statistics,
  type TrackedFrame,
} from "mocast-client";
import { fetchServerInfo } from "../api/fetchServerInfo";
import { ownServer } from "../api/ownServer";
import { Failure } from "../Failure";
import { storage } from "../storage/storage";
import { Access } from "./Access";
import { defaultSettings } from "./defaultSettings";
import { FramePeople } from "./FramePeople";
import { HudAnalysis } from "./HudAnalysis";
import { isReturn } from "./isReturn";
import { Microphone } from "./Microphone";
import { NoticeStore } from "./NoticeStore";
import { OwnPicture } from "./OwnPicture";
import type { PageOptions } from "./PageOptions";
import type { PresentedFrame } from "./PresentedFrame";
import { SettingsSender } from "./SettingsSender";
import { SharedLink } from "./SharedLink";
import { StatisticsHistory } from "./StatisticsHistory";
import { Store } from "./Store";
import { tabRoom } from "./tabRoom";
import { type SourceOptions, VideoSource } from "./VideoSource";

/** The session's state; `idle`: there is none; `opening`: it waits for the person to allow the camera. */
export type Phase = Exclude<ConnectionState, { is: "closed" }> | { readonly is: "idle" | "opening" };

export class LiveController {
  readonly access = new Access(() => this.onToken());
  readonly room: string;
  /** Of a phone that becomes the room's camera. */
  readonly link: SharedLink;
  /** The person's own picture, and who draws it. */
  readonly own: OwnPicture;
  readonly info = new Store<Info | null>(null);
  readonly settings: Store<AllSettings>;
  readonly source = new VideoSource(() => this.fail(new Failure("camera-lost")));
  /** What the room's viewers hear; off until it is switched on, and again when the session is over. */
  readonly microphone = new Microphone(
    // Where it fails, the session has ended, which is shown as its failure.
    (track) => void this.session?.replaceAudio(track).catch(() => undefined),
    (failure) => this.notice.show(failure),
  );
  readonly phase = new Store<Phase>({ is: "idle" });
  /** The session; `null` before the start, and after its end. */
  readonly publisher = new Store<Publisher | null>(null);
  /** What ended or prevented the session, until the next start. */
  readonly failure = new Store<Failure | null>(null);
  readonly notice = new NoticeStore();
  /** The server's picture, which may be paused. */
  readonly stream = new Store<MediaStream | null>(null);
  readonly statistics = new Store<Statistics | null>(null);
  /** The newest analysis, some ten times a second; `null` while the analysis page is not shown. */
  readonly analysis = new Store<AnalysisFrame | null>(null);
  readonly history = new StatisticsHistory();
  readonly frames = new FrameHistory();
  private readonly hud = new HudAnalysis(this.publisher);
  private readonly people = new FramePeople((frame, others) => this.own.push(frame, others));
  presented: PresentedFrame | null = null;
  /** From the start (of the page's own work, after the camera was allowed) to the first annotated picture. */
  firstPictureMs: number | null = null;

  private readonly sender = new SettingsSender((settings) => this.send(settings));
  private readonly relayOnly: boolean;
  /** What this page's camera is for, beside another of the room's. */
  readonly part: "face" | "body" | undefined;
  /** What in the page's address cannot be used, each in a sentence. */
  readonly addressProblems: readonly string[];
  private meter = new LinkMeter();
  /** The session of this tab that may still hold the room: that of before a reload. */
  private lastId: string | null;
  private confirmed: AllSettings | null = null;
  private startedAtMs = 0;

  constructor({ room, part, relayOnly, drawer, problems }: PageOptions) {
    this.room = tabRoom(room);
    this.link = new SharedLink(this.room, ["publish", "subscribe"]);
    this.relayOnly = relayOnly;
    this.part = part;
    this.addressProblems = problems;
    const mirror = storage.load<boolean>("mirror") ?? defaultSettings.mirror;
    this.settings = new Store({ ...defaultSettings, ...storage.load<AllSettings>("settings"), mirror });
    const tab = storage.loadTab();
    this.lastId = tab?.room === this.room ? tab.sessionId : null;
    this.own = new OwnPicture(drawer, {
      settings: () => this.settings.value,
      hudText: (ageMs) => this.hudText(ageMs),
      onShown: (frame) => this.onShown({ rtpTimestamp: frame?.pts ?? null, mediaTime: 0, frame }),
      onDrawer: () => this.apply({}),
    });
    this.settings.watch(() => this.hud.update(this.own.isDrawnHere, this.settings.value));
    this.settings.update((now) => ({ ...now, return: this.own.returns(now) }));
  }

  get session(): Publisher | null {
    return this.publisher.value;
  }

  /** Listen to the browser's events, ask the server what it offers, and go on where the page was left. */
  async open(): Promise<void> {
    addEventListener("pagehide", () => this.onPageHide());
    document.addEventListener("visibilitychange", () => this.onVisible());
    addEventListener("pageshow", ({ persisted }) => persisted && this.onPageBack());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.source.refreshCameras());
    await this.source.refreshCameras();
    await this.refreshInfo();
    const auth = this.info.value?.auth ?? "none";
    if (auth !== "none" && !this.access.hasToken) this.access.ask();
    else if (isReturn() && storage.loadTab()?.wasLive) await this.start();
  }

  async start(): Promise<void> {
    if (this.phase.value.is !== "idle" && this.phase.value.is !== "ended") return;
    this.failure.set(null);
    this.notice.clear();
    this.phase.set({ is: "opening" });
    try {
      if (!globalThis.RTCPeerConnection) throw new Failure("unsupported-browser");
      const [isOpen] = await Promise.all([this.source.open(), this.own.prepare()]);
      if (!isOpen) return;
      this.startedAtMs = performance.now();
      this.firstPictureMs = null;
      this.publish();
    } catch (error) {
      this.fail(error);
    }
  }

  stop(): void {
    this.leave();
    this.phase.set({ is: "idle" });
    this.release();
  }

  /** Change settings; while live the server gets them at once. */
  change(settings: Settings): void {
    if (settings.mirror !== undefined) storage.save("mirror", settings.mirror);
    this.apply(settings);
  }

  /** Change the camera or file; a running session goes on with the new one, and a file plays at once. */
  async selectSource(source: Partial<SourceOptions>): Promise<void> {
    if (!this.source.stream) {
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
      this.own.setStream(this.source.stream);
      if (this.source.stream) await this.session?.replaceStream(this.source.stream);
    } catch (error) {
      if (this.source.stream) this.notice.show(Failure.from(error, "camera-failed"));
      else this.fail(error);
    }
  }

  /** The view reports that it shows a picture of the returned stream. */
  present(rtpTimestamp: number | null, mediaTime: number): void {
    // A stream that ends shows a last, black picture.
    if (this.stream.value?.active !== true) return;
    if (!this.own.presentReturned(rtpTimestamp)) return;
    const frame = rtpTimestamp === null ? this.frames.latest : this.frames.find(rtpTimestamp);
    this.onShown({ rtpTimestamp, mediaTime, frame });
  }

  private onShown(presented: PresentedFrame): void {
    this.presented = presented;
    this.firstPictureMs ??= performance.now() - this.startedAtMs;
  }

  /** Change settings, and with them who draws. */
  private apply(change: Settings): void {
    const before = this.settings.value;
    const settings = { ...before, ...change };
    settings.return = this.own.returns(settings);
    this.settings.set(settings);
    storage.save("settings", settings);
    this.own.update();
    if (settings.return !== before.return) this.own.comparison.reset();
    if (this.session) this.sender.change({ ...change, return: settings.return });
  }

  /** What the server, too, writes into its picture; `null`: nothing. `ageMs`: of this page's picture. */
  private hudText(ageMs: number): string | null {
    const { statistics, settings } = this;
    if (!settings.value.hud || !statistics.value) return null;
    const { fps_tracked, tracking_ms } = statistics.value;
    const texts = [
      `${fps_tracked.toFixed(1)} fps`,
      `tracking ${tracking_ms.toFixed(0)} ms`,
      `delay ${ageMs.toFixed(0)} ms`,
      ...(this.people.count > 1 ? [`people ${this.people.count}`] : []),
      ...this.hud.texts(settings.value),
    ];
    return texts.join("   ");
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

  private onLandmarks(frame: TrackedFrame): void {
    // The cards show one person, the first.
    if (frame.person === 0) this.frames.add(frame);
    this.people.add(frame, this.settings.value.people > 1);
  }

  private release(): void {
    this.source.close();
    this.microphone.switchOff();
    this.own.setStream(null);
    this.clearSession();
  }

  private clearSession(): void {
    this.notice.clear();
    this.stream.set(null);
    this.own.clear();
    this.statistics.set(null);
    this.analysis.set(null);
    this.history.clear();
    this.frames.clear();
    this.people.clear();
    this.presented = null;
  }

  private publish(): void {
    if (!this.source.stream) throw new Error("a session needs a capture");
    const publisher = publish(ownServer, this.room, this.source.stream, {
      ...this.settings.value,
      return: this.own.returns(),
      audio: this.microphone.track,
      replace: this.lastId,
      part: this.part,
      relayOnly: this.relayOnly,
      transform: () => this.own.transform(),
    });
    this.own.setStream(this.source.stream);
    publisher.on("landmarks", (frame) => this.onLandmarks(frame));
    publisher.on("video", (stream) => this.stream.set(stream));
    publisher.on("clock", (rtp) => this.own.setOrigin(rtp));
    publisher.on("settings", (settings) => this.onSettings(settings));
    publisher.on("statistics", (statistics) => this.onStatistics(statistics));
    publisher.on("notice", (notice) => this.onNotice(notice));
    publisher.on("state", (state) => this.onState(state));
    this.publisher.set(publisher);
    this.onState(publisher.state);
  }

  /** End the session, and forget it. */
  private leave(): void {
    const { session } = this;
    this.publisher.set(null);
    session?.close();
    this.remember(null);
  }

  private onState(state: ConnectionState): void {
    if (!this.session || state.is === "closed") return;
    this.remember(this.session.id);
    if (state.is === "connecting") this.meter = new LinkMeter();
    if (state.is === "connecting" || state.is === "waiting") this.clearSession();
    this.phase.set(state);
    if (state.is !== "ended") return;
    this.publisher.set(null);
    this.release();
    this.failure.set(Failure.from(state.error));
  }

  private remember(sessionId: string | null): void {
    this.lastId = sessionId;
    storage.saveTab({ room: this.room, sessionId, wasLive: false });
  }

  private onSettings(settings: AllSettings): void {
    this.confirmed = settings;
    if (!this.sender.isBusy) this.settings.set(knownSettings(settings));
  }

  private onNotice({ notice, detail }: Notice): void {
    // What closes the session is shown as its failure.
    if (notice !== "closing" && notice !== "limit") this.notice.show(detail, notice === "draining");
  }

  private async send(settings: Settings): Promise<void> {
    try {
      await this.session?.change(settings);
    } catch (error) {
      // What ended the session is shown as its failure.
      if (!(error instanceof MocastError) || error.kind !== "refused" || !this.session) return;
      this.notice.show(Failure.from(error));
      if (this.confirmed) this.settings.set(knownSettings(this.confirmed));
    }
  }

  private async onStatistics(statistics: Statistics): Promise<void> {
    this.statistics.set(statistics);
    const { meter } = this;
    const connection = this.session?.connection;
    if (!connection) return;
    const link = await meter.read(connection);
    if (meter !== this.meter) return;
    // It is 0 where nothing was encoded meanwhile.
    if (link?.encodeMs) this.own.setEncodeMs(link.encodeMs);
    const drawn = this.own.read();
    this.history.add(statistics, link, drawn);
    const { comparison } = this.own;
    if (drawn && link && comparison.tick(link.receivedKbps))
      this.sender.change({ return: comparison.isRunning ? "video" : "none" });
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
