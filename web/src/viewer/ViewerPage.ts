import type { RigFrame } from "mocast-client";
import { AvatarFailure } from "../avatar/AvatarFailure";
import { AvatarView } from "../avatar/AvatarView";
import { GuestList } from "../avatar/GuestList";
import { StageKeys } from "../keys/StageKeys";
import { storedAvatar } from "../storage/storedAvatar";
import { Hint } from "./Hint";
import { onFileDrop } from "./onFileDrop";
import { PassingText } from "./PassingText";
import { RoomFollower } from "./RoomFollower";
import { Sound } from "./Sound";
import type { ViewerPageOptions } from "./ViewerPageOptions";

const DEFAULT_AVATAR = "default.vrm";
const RETRY_MS = 5000;
const IS_OBS = "obsstudio" in window;
const NEEDS_TOKEN =
  "This address has no valid token for the room, or none any more: make a new link on Mocast's page.";

/** avatar.html: an avatar that follows a room, and nothing else on the screen. */
export class ViewerPage {
  readonly view: AvatarView;
  /** Of the first room. */
  readonly follower: RoomFollower | null;
  /** Of all rooms. */
  private readonly followers: readonly RoomFollower[];
  /** `null` in OBS, where it would be heard in the room, unless the address asks for it. */
  readonly sound: Sound | null;
  /** The newest load of each kind, counted, and why it failed. */
  private readonly loads = { avatar: { number: 0, problem: "" }, animation: { number: 0, problem: "" } };
  /** Of the first person's expressions and poses. */
  private readonly keys = new StageKeys(() => this.view.host);
  private keysProblem = "";
  /** All on the stage but the first. */
  private readonly guests: GuestList;
  private guestProblem = "";
  private readonly state = document.querySelector<HTMLElement>("#state")!;
  private readonly problemBox = document.querySelector<HTMLElement>("#problem")!;
  /** Of `problem`, what is over the picture. The hint, which the pointer calls up, has all of it. */
  private readonly passing = new PassingText(() => this.showPassing());
  private readonly hint = new Hint(document.querySelector<HTMLElement>("#hint")!);
  private pictureUrl = "";

  /** Throws where the browser has no WebGL. */
  constructor(
    private readonly options: ViewerPageOptions,
    canvas: HTMLCanvasElement,
  ) {
    this.view = new AvatarView(canvas, options);
    this.guests = new GuestList(
      this.view.guests,
      (name) => this.avatarOf(name),
      (problem) => {
        this.guestProblem = problem;
        this.showProblem();
      },
    );
    this.view.looksAtCamera = options.looksAtCamera;
    this.view.light = options.light;
    this.view.wind = options.wind;
    this.sound = options.sound || !IS_OBS ? this.makeSound() : null;
    this.followers = options.rooms.map((room, place) => this.follow(room, place));
    this.follower = this.followers[0] ?? null;
    onFileDrop((file) => void this.openFile(file));
    const input = document.querySelector<HTMLInputElement>("#hint input")!;
    input.addEventListener("change", () => {
      if (input.files?.[0]) void this.openFile(input.files[0]);
      // The same file may be chosen again.
      input.value = "";
    });
    addEventListener("keydown", ({ key }) => key === "Escape" && this.view.host.stop());
    this.keys.follow();
    this.keys.listen();
    void this.keys.midi.resume();
  }

  /** What is wrong, as the person reads it; empty: nothing. */
  get problem(): string {
    const { avatar, animation } = this.loads;
    // Once it was followed, the stream goes on without a word over it: the avatar idles.
    const access = this.followers.some(({ needsToken, wasLive }) => needsToken && !wasLive)
      ? NEEDS_TOKEN
      : "";
    const { options, guestProblem, keysProblem } = this;
    const problems = [
      ...options.problems,
      access,
      avatar.problem,
      animation.problem,
      guestProblem,
      keysProblem,
    ];
    return problems.filter(Boolean).join(" ");
  }

  async open(): Promise<void> {
    this.showProblem();
    // In OBS nobody reads it, and everybody would see it.
    if (!IS_OBS) this.hint.show();
    for (const follower of this.followers) follower.start();
    for (let place = 1; place < this.followers.length; place += 1)
      void this.guests.invite(guestName(place, 0), true);
    if (this.options.animation)
      void this.attempt("animation", () => this.view.host.play(this.options.animation));
    await this.loadFirst();
  }

  /** Use a file that was given: an avatar, an animation, a picture for the background, or poses and keys. */
  async openFile(file: File): Promise<void> {
    if (file.type.startsWith("image/")) return this.setPicture(file);
    if (file.name.toLowerCase().endsWith(".json")) return this.readKeys(file);
    if (file.name.toLowerCase().endsWith(".vrma"))
      return this.attempt("animation", () => this.view.host.play(file));
    await this.attempt("avatar", async () => {
      await this.view.host.load(file);
      await storedAvatar.save(file);
    });
  }

  private async readKeys(file: File): Promise<void> {
    this.keysProblem = "";
    this.showProblem();
    try {
      await this.keys.read(await file.text());
    } catch (error) {
      this.keysProblem = error instanceof Error ? error.message : String(error);
    }
    this.showProblem();
  }

  private async loadFirst(): Promise<void> {
    if (this.options.avatar) return this.attempt("avatar", () => this.view.host.load(this.options.avatar));
    const stored = await storedAvatar.load();
    if (stored) {
      try {
        return await this.view.host.load(stored);
      } catch {
        await storedAvatar.delete();
      }
    }
    await this.attempt("avatar", () => this.view.host.load(DEFAULT_AVATAR));
  }

  /** Load, and show why where it fails; try again while the server is unreachable and nothing else is loaded. */
  private async attempt(kind: "avatar" | "animation", action: () => Promise<void>): Promise<void> {
    const load = this.loads[kind];
    load.number += 1;
    const { number } = load;
    const failure = await failureOf(action);
    if (number !== load.number) return;
    load.problem = failure?.detail ?? "";
    this.showProblem();
    if (failure?.kind !== "unreachable") return;
    setTimeout(() => number === load.number && void this.attempt(kind, action), RETRY_MS);
  }

  private setPicture(file: File): void {
    URL.revokeObjectURL(this.pictureUrl);
    this.pictureUrl = URL.createObjectURL(file);
    this.view.background = { kind: "picture", url: this.pictureUrl };
  }

  private makeSound(): Sound {
    return new Sound(document.querySelector<HTMLButtonElement>("#sound")!, this.options.sound);
  }

  /** `place`: of the room on the stage. The first room is heard. */
  private follow(room: string, place: number): RoomFollower {
    const sound = place === 0 ? this.sound : null;
    return new RoomFollower(room, this.options.people, {
      onSound: sound ? (stream) => sound.follow(stream) : undefined,
      onRig: (rig) => this.receive(rig, place),
      onRestart: () => place === 0 && this.view.host.restart(),
      onChange: () => this.showProblem(),
    });
  }

  /** Take in the rig of somebody in the room at this place of the address. */
  receive(rig: RigFrame, place = 0): void {
    if (place === 0 && rig.person === 0) {
      this.view.host.push(rig);
      return;
    }
    this.guests.push(guestName(place, rig.person), rig);
  }

  /** The address of a guest's avatar: by the order in which they stand at present. */
  private avatarOf(name: string): string {
    const { guestAvatars } = this.options;
    const place = [...this.view.guests.names, name].sort().indexOf(name);
    return guestAvatars[Math.min(place, guestAvatars.length - 1)] || DEFAULT_AVATAR;
  }

  private showProblem(): void {
    this.passing.show(this.problem);
    this.showState();
  }

  private showPassing(): void {
    const { passing, problemBox } = this;
    problemBox.textContent = passing.text;
    problemBox.hidden = passing.text === "";
  }

  private showState(): void {
    const { problem } = this;
    const state = this.stateText();
    this.state.textContent = problem.includes(state) ? problem : `${problem} ${state}`.trim();
  }

  private stateText(): string {
    // What is amiss with one of several is said first.
    const follower = this.followers.find(({ isFollowing }) => !isFollowing) ?? this.follower;
    if (!follower) return "Add ?room=NAME to the address to follow a room.";
    if (follower.needsToken) return NEEDS_TOKEN;
    if (follower.connection?.is !== "live") return `Looking for the server of room “${follower.room}”.`;
    if (!follower.isFollowing) return `Waiting for someone in room “${follower.room}”.`;
    return `Following room “${follower.room}”.`;
  }
}

/** Where somebody stands on the stage: after the first room's people come the second one's. */
function guestName(place: number, person: number): string {
  return `${place}/${person}`;
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
