import type { AvatarView } from "../avatar/AvatarView";
import { GuestList } from "../avatar/GuestList";
import { storage } from "../storage/storage";
import { storedFile } from "../storage/storedFile";
import { AvatarDelay } from "./AvatarDelay";
import { AvatarSelection } from "./AvatarSelection";
import { Calibrator } from "./Calibrator";
import { type DisplayOptions, defaultDisplayOptions } from "./DisplayOptions";
import type { LiveController } from "./LiveController";
import { Recorder, type Take } from "./Recorder";
import { RoomMixer } from "./RoomMixer";
import { RoomOutputs } from "./RoomOutputs";
import { SharedLink } from "./SharedLink";
import { SpeakingMouth } from "./SpeakingMouth";
import { Store } from "./Store";
import { StreamSubscription } from "./StreamSubscription";

/** Of a snapshot that moves. */
const CLIP_S = 10;

const storedBackground = storedFile("backdrop");

/** State and actions of the avatar page, over the live page's session. */
export class AvatarController {
  readonly display = new Store<DisplayOptions>({
    ...defaultDisplayOptions,
    ...storage.load<DisplayOptions>("avatar-look"),
  });
  readonly calibrator: Calibrator;
  readonly recorder: Recorder;
  readonly outputs: RoomOutputs;
  readonly mixer: RoomMixer;
  /** Lip sync: off until it is switched on. */
  readonly mouth: SpeakingMouth;
  /** Of whoever may watch the room, and nothing else. */
  readonly link: SharedLink;
  readonly delay = new AvatarDelay();
  /** The expressions that the avatar can hold, and which it does. */
  readonly expressions = new Store<{ readonly names: readonly string[]; readonly held: string | null }>({
    names: [],
    held: null,
  });
  /** Why a file that was given cannot be used, one sentence, until the person dismisses it; empty: none. */
  readonly problem = new Store("");
  readonly selection = new AvatarSelection(this.problem);
  /** The name of the animation that plays instead of the person's motion; empty: none. */
  readonly clip = new Store("");
  /** What the stage's light is multiplied by: white, or the colour of the person's room. */
  readonly tint = new Store("#ffffff");
  /** What draws the avatar; `null` until its code is loaded. */
  view: AvatarView | null = null;
  /** What is to be played as soon as there is a view. */
  private awaited: { readonly source: File; readonly name: string } | null = null;
  private readonly rigs: StreamSubscription<"rig">;
  private backgroundUrl = "";

  constructor(readonly live: LiveController) {
    this.rigs = new StreamSubscription("rig", live.publisher);
    this.calibrator = new Calibrator(live);
    this.recorder = new Recorder(live.room, () => live.settings.value.people);
    this.outputs = new RoomOutputs(live.room);
    this.mixer = new RoomMixer(live);
    this.mouth = new SpeakingMouth((pose) => live.session?.sendPose("microphone", pose));
    this.link = new SharedLink(live.room, ["subscribe"]);
    // The figures are of one connection.
    live.phase.watch(() => live.phase.value.is !== "live" && this.delay.clear());
  }

  /** Set up a new view: how it is shown, its avatar and its background. */
  async attach(view: AvatarView): Promise<void> {
    this.view = view;
    const { host } = view;
    host.onHeld = () => this.expressions.set({ names: host.heldNames, held: host.heldExpression });
    this.apply(this.display.value, null);
    void this.recorder.open();
    await Promise.all([this.selection.attach(host), this.loadBackground()]);
    if (this.awaited) await this.play(this.awaited.source, this.awaited.name);
  }

  /** The view was disposed of. */
  detach(): void {
    this.view = null;
    this.clip.set("");
  }

  /** Move the avatar by the session's rigs until the returned function is called. */
  show(view: AvatarView): () => void {
    view.loop.isPaused = false;
    const guests = new GuestList(
      view.guests,
      () => this.selection.source,
      (problem) => problem && this.problem.set(problem),
    );
    const stop = this.rigs.listen((rig) => {
      const { person } = this;
      if (person !== null && rig.person !== person) return;
      if (rig.person !== (person ?? 0)) return guests.push(`${rig.person}`, rig);
      view.host.push(rig);
      this.measure(rig.pts, view);
    });
    return () => {
      stop();
      this.delay.clear();
      view.loop.isPaused = true;
    };
  }

  /** Whose avatar alone is shown; `null`: everybody's. */
  get person(): number | null {
    const { person } = this.display.value;
    return person !== null && person < this.live.settings.value.people ? person : null;
  }

  change(display: Partial<DisplayOptions>): void {
    const before = this.display.value;
    this.display.set({ ...before, ...display });
    storage.save("avatar-look", this.display.value);
    this.apply(this.display.value, before);
  }

  /** Light the avatar by the colour of the person's room. */
  lightBy(colour: string): void {
    this.tint.set(colour);
    this.light();
  }

  /** Use a file that was given: a VRM, an animation, a picture for the background, or a video in the camera's place. */
  openFile(file: File): void {
    if (/\.vrma$/i.test(file.name)) void this.play(file, file.name);
    else if (file.type.startsWith("image/")) this.useBackground(file);
    else if (file.type.startsWith("video/")) void this.live.selectSource({ file });
    else void this.selection.choose(file);
  }

  /** Play an animation over and over in the person's place, as soon as there is an avatar. */
  async play(source: File, name: string): Promise<void> {
    const { view } = this;
    this.awaited = view ? null : { source, name };
    await this.attempt(async () => {
      if (!view) return;
      await view.host.play(source);
      this.clip.set(name);
    });
  }

  /** Play a recording on the avatar that is shown. */
  async playTake(take: Take, name: string): Promise<void> {
    const motion = await this.motionOf(take);
    if (motion) await this.play(motion, name);
  }

  /** A recording as an animation of the avatar that is shown; `null` where that fails, which is told. */
  private motionOf(take: Take): Promise<File | null> {
    return this.recorder.download(take, ".vrma", this.view?.host.body);
  }

  /** A recording on the avatar that is shown, as a binary glTF that moves; `null` where that fails, which is told. */
  async bake(take: Take): Promise<File | null> {
    const motion = await this.motionOf(take);
    if (!motion) return null;
    return this.attempt(async () => {
      const { bakeMotion } = await import("../avatar/bakeMotion");
      const baked = await bakeMotion(this.selection.source, motion);
      return new File([baked], motion.name.replace(/\.vrma$/, ".glb"), { type: baked.type });
    });
  }

  /** The avatar as it is drawn: now, or over ten seconds; `null` where that fails, which is told. */
  async snapshot(kind: "picture" | "clip"): Promise<File | null> {
    return this.attempt(async () => {
      const taken = kind === "picture" ? await this.view?.picture() : await this.view?.clipOf(CLIP_S);
      if (!taken) return null;
      const time = new Date().toISOString().slice(0, 19).replaceAll(":", "");
      return new File([taken], `avatar-${time}.${taken.type.split("/")[1]}`);
    });
  }

  /** Back to the person's motion. */
  stopClip(): void {
    this.view?.host.stop();
    this.clip.set("");
  }

  /** Use this room in this browser from now on: its address was given to OBS or another app. */
  rememberRoom(): void {
    storage.save("room", this.live.room);
  }

  /** `null` where it fails, which is told in place of what was told before. */
  private async attempt<Result>(action: () => Promise<Result>): Promise<Result | null> {
    this.problem.set("");
    try {
      return await action();
    } catch (error) {
      this.problem.set(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  /** The rig of this `pts` came. */
  private measure(pts: number, view: AvatarView): void {
    const ageMs = this.live.own.ageMs(pts);
    const nowMs = performance.now();
    if (ageMs !== null) this.delay.add(ageMs, view.shownAgeMs(nowMs - ageMs), nowMs);
    else if (!this.live.own.isDrawnHere) this.delay.clear();
  }

  private useBackground(picture: File): void {
    this.setBackground(picture);
    this.change({ background: "picture" });
    void storedBackground.save(picture);
  }

  private async loadBackground(): Promise<void> {
    const picture = await storedBackground.load();
    if (!picture || this.backgroundUrl) return;
    this.setBackground(picture);
    this.apply(this.display.value, this.display.value);
  }

  private setBackground(picture: File): void {
    URL.revokeObjectURL(this.backgroundUrl);
    this.backgroundUrl = URL.createObjectURL(picture);
  }

  private light(): void {
    if (this.view) this.view.light = { preset: this.display.value.light, colour: this.tint.value };
  }

  /** `before`: the view's options so far; `null` for a new view. */
  private apply(display: DisplayOptions, before: DisplayOptions | null): void {
    const { view, backgroundUrl } = this;
    if (!view) return;
    view.mirror = display.mirror;
    view.looksAtCamera = display.looksAtCamera;
    view.wind = display.wind;
    if (display.light !== before?.light) this.light();
    // Setting it turns the avatar to the front again.
    if (display.framing !== before?.framing) view.framing = display.framing;
    if (display.background === "colour") view.background = { kind: "colour", colour: display.colour };
    else if (display.background === "picture" && backgroundUrl)
      view.background = { kind: "picture", url: backgroundUrl };
    else view.background = { kind: "transparent" };
  }
}
