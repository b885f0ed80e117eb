import type { AvatarView } from "../avatar/AvatarView";
import { keptFile } from "../avatar/keptFile";
import { makeRigFrame } from "../wire/makeRigFrame";
import { parseRig } from "../wire/parseRig";
import { type AvatarLook, defaultLook } from "./AvatarLook";
import { Calibrator } from "./Calibrator";
import { ModelChoice } from "./ModelChoice";
import { memory } from "./memory";
import { Outputs } from "./Outputs";
import { Recorder } from "./Recorder";
import { RigFeed } from "./RigFeed";
import { Store } from "./Store";
import type { Studio } from "./Studio";

const keptBackdrop = keptFile("backdrop");

/** The avatar's side of the page without its looks, beside the studio's session. */
export class AvatarDesk {
  readonly look = new Store<AvatarLook>({ ...defaultLook, ...memory.recall<AvatarLook>("avatar-look") });
  readonly calibrator: Calibrator;
  readonly recorder: Recorder;
  readonly outputs: Outputs;
  /** What is wrong with a file that was given, in a sentence, until the person puts it away; empty: nothing is. */
  readonly problem = new Store("");
  readonly model = new ModelChoice(this.problem);
  /** The name of the animation that plays in the person's place; empty: none does. */
  readonly clip = new Store("");
  /** The newest rig; filled anew by each message while the avatar is shown. */
  readonly rig = makeRigFrame();
  private view: AvatarView | null = null;
  private readonly feed: RigFeed;
  private backdropUrl = "";

  constructor(readonly studio: Studio) {
    this.feed = new RigFeed(studio);
    this.calibrator = new Calibrator(studio);
    this.recorder = new Recorder(studio.room);
    this.outputs = new Outputs(studio.room);
  }

  /** What draws the avatar; `null` until its code is there. */
  get avatar(): AvatarView | null {
    return this.view;
  }

  /** There is something that draws the avatar. */
  async attach(view: AvatarView): Promise<void> {
    this.view = view;
    this.apply(this.look.value, null);
    void this.recorder.open();
    await Promise.all([this.model.attach(view), this.recallBackdrop()]);
  }

  /** What draws the avatar is gone. */
  detach(): void {
    this.view = null;
    this.clip.set("");
  }

  /** Follow the person while the avatar is seen, until the returned function is called. */
  show(view: AvatarView): () => void {
    view.isPaused = false;
    const unfollow = this.feed.follow((message) => {
      if (parseRig(message, this.rig)) view.push(this.rig);
    });
    return () => {
      unfollow();
      view.isPaused = true;
    };
  }

  change(look: Partial<AvatarLook>): void {
    const before = this.look.value;
    this.look.set({ ...before, ...look });
    memory.keep("avatar-look", this.look.value);
    this.apply(this.look.value, before);
  }

  /** A file was given: a model, an animation, a picture for the background, or a video in the camera's place. */
  take(file: File): void {
    if (/\.vrma$/i.test(file.name)) void this.play(file, file.name);
    else if (file.type.startsWith("image/")) this.takeBackdrop(file);
    else if (file.type.startsWith("video/")) void this.studio.choose({ file });
    else void this.model.choose(file);
  }

  /** Play an animation over and over in the person's place, from a file or from an address. */
  async play(source: File | string, name: string): Promise<void> {
    this.problem.set("");
    try {
      await this.view?.play(source);
      this.clip.set(name);
    } catch (error) {
      this.problem.set(error instanceof Error ? error.message : String(error));
    }
  }

  /** Back to the person. */
  stopClip(): void {
    this.view?.stop();
    this.clip.set("");
  }

  /** The room was given out to OBS or to another app: this browser comes back to it. */
  keepRoom(): void {
    memory.keep("room", this.studio.room);
  }

  private takeBackdrop(picture: File): void {
    this.setBackdrop(picture);
    this.change({ background: "picture" });
    void keptBackdrop.keep(picture);
  }

  private async recallBackdrop(): Promise<void> {
    const picture = await keptBackdrop.recall();
    if (!picture || this.backdropUrl) return;
    this.setBackdrop(picture);
    this.apply(this.look.value, this.look.value);
  }

  private setBackdrop(picture: File): void {
    URL.revokeObjectURL(this.backdropUrl);
    this.backdropUrl = URL.createObjectURL(picture);
  }

  /** `before`: how it was shown; `null` for a view that was told nothing yet. */
  private apply(look: AvatarLook, before: AvatarLook | null): void {
    const { view, backdropUrl } = this;
    if (!view) return;
    view.mirror = look.mirror;
    // Setting it turns the avatar to the front again.
    if (look.framing !== before?.framing) view.framing = look.framing;
    if (look.background === "colour") view.background = { kind: "colour", colour: look.colour };
    else if (look.background === "picture" && backdropUrl)
      view.background = { kind: "picture", url: backdropUrl };
    else view.background = { kind: "transparent" };
  }
}
