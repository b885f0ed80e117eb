import { AvatarFailure } from "./AvatarFailure";
import { AvatarView } from "./AvatarView";
import { Hint } from "./Hint";
import { keptAvatar } from "./keptAvatar";
import { RoomFollower } from "./RoomFollower";
import { takeDrops } from "./takeDrops";
import type { ViewerOptions } from "./ViewerOptions";

const DEFAULT_AVATAR = "/default.vrm";
const RETRY_MS = 5000;

/** `avatar.html`: an avatar that follows a room, and nothing else on the screen. */
export class AvatarPage {
  readonly view: AvatarView;
  readonly follower: RoomFollower | null;
  /** What is shown to the person as wrong; empty: nothing is. */
  problem = "";
  private readonly state = document.querySelector<HTMLElement>("#state")!;
  private readonly problemBox = document.querySelector<HTMLElement>("#problem")!;
  private readonly hint = new Hint(document.querySelector<HTMLElement>("#hint")!);
  private pictureUrl = "";

  /** Throws where the browser has no WebGL. */
  constructor(
    private readonly options: ViewerOptions,
    canvas: HTMLCanvasElement,
  ) {
    this.view = new AvatarView(canvas, options);
    this.follower = options.room ? this.follow(options.room) : null;
    takeDrops((file) => void this.take(file));
    const input = document.querySelector<HTMLInputElement>("#hint input")!;
    input.addEventListener("change", () => input.files?.[0] && void this.take(input.files[0]));
    addEventListener("keydown", ({ key }) => key === "Escape" && this.view.stop());
  }

  async open(): Promise<void> {
    this.say(this.options.problems.join(" "));
    this.showState();
    // In OBS nobody reads it, and everybody would see it.
    if (!("obsstudio" in window)) this.hint.show();
    this.follower?.start();
    if (this.options.animation) void this.attempt(() => this.view.play(this.options.animation));
    await this.loadFirst();
  }

  /** A file of the person's: an avatar, an animation or a picture for the background. */
  async take(file: File): Promise<void> {
    if (file.type.startsWith("image/")) return this.setPicture(file);
    if (file.name.toLowerCase().endsWith(".vrma")) return this.attempt(() => this.view.play(file));
    await this.attempt(async () => {
      await this.view.load(file);
      await keptAvatar.keep(file);
    });
  }

  private async loadFirst(): Promise<void> {
    if (this.options.avatar) return this.attempt(() => this.view.load(this.options.avatar));
    const kept = await keptAvatar.recall();
    if (kept) {
      try {
        return await this.view.load(kept);
      } catch {
        await keptAvatar.forget();
      }
    }
    await this.attempt(() => this.view.load(DEFAULT_AVATAR));
  }

  /** Do it, and say why where it fails; while the server is away, again and again. */
  private async attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.say("");
    } catch (error) {
      if (!(error instanceof AvatarFailure)) throw error;
      this.say(error.detail);
      if (error.kind === "unreachable") setTimeout(() => void this.attempt(action), RETRY_MS);
    }
  }

  private setPicture(file: File): void {
    URL.revokeObjectURL(this.pictureUrl);
    this.pictureUrl = URL.createObjectURL(file);
    this.view.background = { kind: "picture", url: this.pictureUrl };
  }

  private follow(room: string): RoomFollower {
    return new RoomFollower(room, {
      onRig: (rig) => this.view.push(rig),
      onRestart: () => this.view.restart(),
      onChange: () => this.showState(),
    });
  }

  private say(problem: string): void {
    this.problem = problem;
    this.problemBox.textContent = problem;
    this.problemBox.hidden = problem === "";
  }

  private showState(): void {
    this.state.textContent = this.stateText();
  }

  private stateText(): string {
    const { follower } = this;
    if (!follower) return "Add ?room=NAME to the address to follow a room.";
    if (follower.connection.is !== "live") return `Looking for the server of room “${follower.room}”.`;
    if (!follower.roomState?.publisher) return `Waiting for someone in room “${follower.room}”.`;
    return `Following room “${follower.room}”.`;
  }
}
