import {
  type AnalysisFrame,
  type ConnectionState,
  type Info,
  type Notice,
  type Publisher,
  publish,
  type Settings,
} from "mocast-client";
import { fetchServerInfo } from "../api/fetchServerInfo";
import { ownServer } from "../api/ownServer";
import { Failure } from "../Failure";
import { storage } from "../storage/storage";
import { Access } from "./Access";
import { isReturn } from "./isReturn";
import { LivePicture } from "./LivePicture";
import { Microphone } from "./Microphone";
import { NoticeStore } from "./NoticeStore";
import type { OwnPicture } from "./OwnPicture";
import type { PageOptions } from "./PageOptions";
import { SessionStatistics } from "./SessionStatistics";
import { SettingsStore } from "./SettingsStore";
import { SharedLink } from "./SharedLink";
import { Store } from "./Store";
import { TabSession } from "./TabSession";
import { tabRoom } from "./tabRoom";
import { type SourceOptions, VideoSource } from "./VideoSource";

/** The session's state; `idle`: there is none; `opening`: it waits for the person to allow the camera. */
export type Phase = Exclude<ConnectionState, { is: "closed" }> | { readonly is: "idle" | "opening" };

/**
 * The life of the page's session: `start` opens the source and makes a `Publisher`, which owns the connection and makes it
 * anew where it breaks; `stop`, or what went wrong, ends it. What the session brings goes into the parts below, which the
 * view watches: settings, picture, statistics.
 */
export class LiveController {
  readonly room: string;
  /** What this page's camera is for, beside another of the room's. */
  readonly part: "face" | "body" | undefined;
  /** What in the page's address cannot be used, each in a sentence. */
  readonly addressProblems: readonly string[];
  private readonly relayOnly: boolean;
  private readonly tab: TabSession;

  readonly access = new Access(() => this.onToken());
  readonly info = new Store<Info | null>(null);
  /** Of a phone that becomes the room's camera. */
  readonly link: SharedLink;

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

  readonly settings = new SettingsStore(this.publisher, (failure) => this.notice.show(failure));
  readonly statistics = new SessionStatistics(() =>
    this.settings.tell({ return: this.own.comparison.isRunning ? "video" : "none" }),
  );
  readonly picture: LivePicture;
  /** The newest analysis, some ten times a second; `null` while the analysis page is not shown. */
  readonly analysis = new Store<AnalysisFrame | null>(null);

  constructor({ room, part, relayOnly, drawer, problems }: PageOptions) {
    this.room = tabRoom(room);
    this.part = part;
    this.relayOnly = relayOnly;
    this.addressProblems = problems;
    this.tab = new TabSession(this.room);
    this.link = new SharedLink(this.room, ["publish", "subscribe"]);
    this.picture = new LivePicture(drawer, {
      publisher: this.publisher,
      settings: this.settings,
      statistics: this.statistics.newest,
      onDrawer: () => this.apply({}),
    });
    this.settings.update((now) => ({ ...now, return: this.own.returns(now) }));
  }

  get session(): Publisher | null {
    return this.publisher.value;
  }

  /** The person's own picture, and who draws it. */
  get own(): OwnPicture {
    return this.picture.own;
  }

  /** Listen to the browser's events, ask the server what it offers, and go on where the page was left. */
  async open(): Promise<void> {
    addEventListener("pagehide", () => this.onPageHide());
    document.addEventListener("visibilitychange", () => this.onVisible());
    addEventListener("pageshow", ({ persisted }) => persisted && this.onPageBack());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.source.refreshCameras());
    await this.source.refreshCameras();
    this.info.set(await fetchServerInfo().catch(() => null));
    const needsToken = (this.info.value?.auth ?? "none") !== "none";
    if (needsToken && !this.access.hasToken) this.access.ask();
    else if (isReturn() && this.tab.wasLive) await this.start();
  }

  async start(): Promise<void> {
    if (this.phase.value.is !== "idle" && this.phase.value.is !== "ended") return;
    this.failure.set(null);
    this.notice.clear();
    this.phase.set({ is: "opening" });
    try {
      if (!globalThis.RTCPeerConnection) throw new Failure("unsupported-browser");
      const [stream] = await Promise.all([this.source.open(), this.own.prepare()]);
      // Else it was stopped, or started anew, while one of them was awaited.
      if (stream && stream === this.source.stream) this.publish(stream);
    } catch (error) {
      this.fail(error);
    }
  }

  stop(): void {
    const { session } = this;
    this.publisher.set(null);
    session?.close();
    this.tab.remember(null);
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

  /** Change settings, and with them who draws. */
  private apply(change: Settings): void {
    const before = this.settings.value;
    const returned = this.own.returns({ ...before, ...change });
    this.settings.change({ ...change, return: returned });
    this.own.update();
    if (returned !== before.return) this.own.comparison.reset();
  }

  /** Mirror a camera and no file, as people expect, unless the person has set it. */
  private mirrorLikeSource(): void {
    if (storage.load<boolean>("mirror") !== null) return;
    this.apply({ mirror: this.source.selected.value.file === null });
  }

  private publish(stream: MediaStream): void {
    this.picture.start();
    const publisher = publish(ownServer, this.room, stream, {
      ...this.settings.value,
      return: this.own.returns(),
      audio: this.microphone.track,
      replace: this.tab.id,
      part: this.part,
      relayOnly: this.relayOnly,
      transform: () => this.own.transform(),
    });
    this.own.setStream(stream);
    publisher.on("landmarks", (frame) => this.picture.addLandmarks(frame));
    publisher.on("video", (stream) => this.picture.stream.set(stream));
    publisher.on("clock", (rtp) => this.own.setOrigin(rtp));
    publisher.on("settings", (settings) => this.settings.confirm(settings));
    publisher.on("statistics", (numbers) => this.statistics.add(numbers, publisher.connection, this.own));
    publisher.on("notice", (notice) => this.onNotice(notice));
    publisher.on("state", (state) => this.onState(state));
    this.publisher.set(publisher);
    this.onState(publisher.state);
  }

  private onState(state: ConnectionState): void {
    if (!this.session || state.is === "closed") return;
    this.tab.remember(this.session.id);
    if (state.is === "connecting" || state.is === "waiting") this.clear();
    this.phase.set(state);
    if (state.is !== "ended") return;
    this.publisher.set(null);
    this.release();
    this.failure.set(Failure.from(state.error));
  }

  private onNotice({ notice, detail }: Notice): void {
    // What closes the session is shown as its failure.
    if (notice !== "closing" && notice !== "limit") this.notice.show(detail, notice === "draining");
  }

  private fail(error: unknown): void {
    this.stop();
    this.failure.set(Failure.from(error, "camera-failed"));
  }

  /** Without a session: let go of camera and microphone, too. */
  private release(): void {
    this.source.close();
    this.microphone.switchOff();
    this.own.setStream(null);
    this.clear();
  }

  /** Without a connection. */
  private clear(): void {
    this.notice.clear();
    this.picture.clear();
    this.statistics.clear();
    this.analysis.set(null);
  }

  /** Go on where the server asked for a token. */
  private onToken(): void {
    if (this.failure.value?.kind === "token-needed" || this.failure.value?.kind === "not-allowed")
      void this.start();
    // One that is not valid is asked for again at once, not when the camera is allowed already.
    else ownServer.fetch("v1/rooms").catch(() => undefined);
  }

  private onPageHide(): void {
    const isOn = ["connecting", "live", "waiting"].includes(this.phase.value.is);
    this.tab.leave(this.session?.id ?? null, isOn && this.source.selected.value.file === null);
  }

  /** Phones stop the camera of a page that is hidden, and the server does not wait long for its pictures. */
  private onVisible(): void {
    if (!document.hidden && this.failure.value?.kind === "closed-for-good") void this.start();
  }

  /** Back from the browser's page cache, where the session could not live. */
  private async onPageBack(): Promise<void> {
    if (!this.tab.wasLive) return;
    this.stop();
    await this.start();
  }
}
