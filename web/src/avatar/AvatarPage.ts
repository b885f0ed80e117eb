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
  /** The newest wish for each, and what is wrong with it. */
  private readonly wishes = { avatar: { number: 0, problem: "" }, animation: { number: 0, problem: "" } };
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
    input.addEventListener("change", () => {
      if (input.files?.[0]) void this.take(input.files[0]);
      // The same file may be chosen again.
      input.value = "";
    });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.view.stop());
  }

  /** What is shown to the person as wrong; empty: nothing is. */
  get problem(): string {
    const { avatar, animation } = this.wishes;
    return [...this.options.problems, avatar.problem, animation.problem].filter(Boolean).join(" ");
  }

  async open(): Promise<void> {
    this.showProblem();
    this.showState();
    // In OBS nobody reads it, and everybody would see it.
    if (!("obsstudio" in window)) this.hint.show();
    this.follower?.start();
    if (this.options.animation) void this.attempt("animation", () => this.view.play(this.options.animation));
    await this.loadFirst();
  }

  /** A file of the person's: an avatar, an animation or a picture for the background. */
  async take(file: File): Promise<void> {
    if (file.type.startsWith("image/")) return this.setPicture(file);
    if (file.name.toLowerCase().endsWith(".vrma"))
      return this.attempt("animation", () => this.view.play(file));
    await this.attempt("avatar", async () => {
      await this.view.load(file);
      await keptAvatar.keep(file);
    });
  }

  private async loadFirst(): Promise<void> {
    if (this.options.avatar) return this.attempt("avatar", () => this.view.load(this.options.avatar));
    const kept = await keptAvatar.recall();
    if (kept) {
      try {
        return await this.view.load(kept);
      } catch {
        await keptAvatar.forget();
      }
    }
    await this.attempt("avatar", () => this.view.load(DEFAULT_AVATAR));
  }

  /** Do it, and say why where it fails; while the server is away again and again, until the person wants another. */
  private async attempt(kind: "avatar" | "animation", action: () => Promise<void>): Promise<void> {
    const wish = this.wishes[kind];
    wish.number += 1;
    const { number } = wish;
    const failure = await failureOf(action);
    if (number !== wish.number) return;
    wish.problem = failure?.detail ?? "";
    this.showProblem();
    if (failure?.kind !== "unreachable") return;
    setTimeout(() => number === wish.number && void this.attempt(kind, action), RETRY_MS);
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

  private showProblem(): void {
    const { problem, problemBox } = this;
    problemBox.textContent = problem;
    problemBox.hidden = problem === "";
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

async function failureOf(action: () => Promise<void>): Promise<AvatarFailure | null> {
  try {
    await action();
    return null;
  } catch (error) {
    if (error instanceof AvatarFailure) return error;
    throw error;
  }
}
