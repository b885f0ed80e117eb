import type { VRM } from "@pixiv/three-vrm";
import type { VRMAnimation } from "@pixiv/three-vrm-animation";
import type { RigFrame } from "mocast-client";
import { Avatar } from "./Avatar";
import { AvatarMotion } from "./AvatarMotion";
import { AvatarPose } from "./AvatarPose";
import { AvatarScene } from "./AvatarScene";
import type { Background } from "./Background";
import { ClipPlayer } from "./ClipPlayer";
import { FrameRate } from "./FrameRate";
import type { Framing } from "./Framing";
import { type AvatarBody, describeBody } from "./fit/describeBody";
import { isDrawnInSoftware } from "./isDrawnInSoftware";
import type { KeptPose } from "./KeptPose";
import { loadAvatar } from "./loadAvatar";
import { mirrorPose } from "./mirrorPose";
import { paintBackground } from "./paintBackground";
import { recordClip } from "./recordClip";
import { StageGuests } from "./StageGuests";
import type { StageLight } from "./StageLight";
import { simplifyMaterials } from "./simplifyMaterials";

/** After a longer pause a spring bone would swing through the body. */
const LONGEST_STEP_S = 1 / 15;
/** Drawn by the processor: larger canvases are drawn with so many pixels, and enlarged. */
const PLAIN_PIXELS = 480 * 360;

export interface AvatarViewOptions {
  readonly framing?: Framing;
  readonly background?: Background;
  /** Whether it moves as a mirror: the subject's left hand is the avatar's right. The default is no. */
  readonly mirror?: boolean;
  /** The pixel ratio is at most this. The default is 2. */
  readonly maxPixelRatio?: number;
  /** `plain` leaves shading, outlines, smooth edges and fine detail out; `auto` does so only where the processor must draw. */
  readonly quality?: "auto" | "full" | "plain";
  /** Each frame of the display lies between two of the tracking; `false` shows the newest at once. */
  readonly smooth?: boolean;
}

/**
 * An avatar on a canvas, moved by rigs; usable without the rest of this page. The canvas's size in the layout is that of
 * the picture. Dragging turns the avatar, as do the arrow keys when the canvas has the focus.
 */
export class AvatarView {
  mirror: boolean;
  /** Of its own render loop. */
  readonly frameRate = new FrameRate();
  /** How many rigs were pushed. */
  rigs = 0;
  /** Whether it is drawn in plain quality. */
  readonly isPlain: boolean;
  private readonly scene: AvatarScene;
  private readonly motion = new AvatarMotion();
  private readonly mirrored = new AvatarPose();
  private readonly guests: StageGuests;
  private avatar: Avatar | null = null;
  private animation: VRMAnimation | null = null;
  private clip: ClipPlayer | null = null;
  private held: string | null = null;
  private looks = false;
  private windStrength = 0;
  private loads = 0;
  private drawnAtMs = 0;
  private request: number;

  /** Told when another expression, or none, is held, and when another avatar is shown. */
  onHeld: (() => void) | null = null;

  private heldPose: KeptPose | null = null;

  /** Whether it draws nothing, at no cost: for while nobody sees it. */
  isPaused = false;

  /** Throws where the browser has no WebGL. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    options: AvatarViewOptions = {},
  ) {
    const quality = options.quality ?? "auto";
    this.isPlain = quality === "plain" || (quality === "auto" && isDrawnInSoftware());
    this.scene = new AvatarScene(canvas, {
      antialias: !this.isPlain,
      isUnlit: this.isPlain,
      maxPixelRatio: options.maxPixelRatio ?? 2,
      maxPixels: this.isPlain ? PLAIN_PIXELS : Number.POSITIVE_INFINITY,
    });
    this.guests = new StageGuests(
      (source) => this.makeAvatar(source),
      (everybody) => this.scene.seat(everybody),
    );
    this.background = options.background ?? { kind: "transparent" };
    this.scene.frame(options.framing ?? "bust");
    this.mirror = options.mirror ?? false;
    this.smooth = options.smooth ?? true;
    this.request = requestAnimationFrame(this.tick);
  }

  /** The avatar that is shown; `null` until one was loaded. */
  get vrm(): VRM | null {
    return this.avatar?.vrm ?? null;
  }

  /** The proportions of the avatar that is shown, as the server takes them; `null` until one was loaded. */
  get body(): AvatarBody | null {
    return this.avatar && describeBody(this.avatar.proportions);
  }

  /** `nothing` (no avatar yet), `animation`, `tracking` or `idle`. */
  get state(): "nothing" | "animation" | "tracking" | "idle" {
    if (!this.avatar) return "nothing";
    if (this.clip) return "animation";
    return this.motion.isTracking ? "tracking" : "idle";
  }

  get framing(): Framing {
    return this.scene.framing;
  }

  /** Show the face, the upper body or all of it, from the front. */
  set framing(framing: Framing) {
    this.scene.frame(framing);
  }

  /** Metres that the picture is high at the avatar, before anyone zooms. */
  get shownHeight(): number {
    return this.scene.shownHeight;
  }

  /** What is behind the avatar: the canvas's own style, which costs the render loop nothing. */
  set background(background: Background) {
    paintBackground(this.canvas, background);
  }

  set maxPixelRatio(most: number) {
    this.scene.maxPixelRatio = most;
  }

  set smooth(isSmooth: boolean) {
    this.motion.player.isImmediate = !isSmooth;
  }

  /** How far behind the newest rig the avatar is, on purpose: see `PlayoutClock`. */
  get delayMs(): number {
    return this.motion.player.delayMs;
  }

  /**
   * How old the motion was that was drawn last, in milliseconds, when it was drawn; `null` before there is any.
   * `capturedAtMs`: when the newest rig's picture was taken, as `performance.now()` counts.
   */
  shownAgeMs(capturedAtMs: number): number | null {
    const { lagMs } = this.motion.player;
    return lagMs === null ? null : this.drawnAtMs - capturedAtMs + lagMs;
  }

  /** Whether ARKit's 52 shapes move its face, not the preset expressions. */
  get usesShapes(): boolean {
    return this.avatar?.usesShapes ?? false;
  }

  /**
   * Show another avatar, from an address or a file; the present one stays until it is there. Rejects with an
   * `AvatarFailure`. Of two loads at once the later one counts.
   */
  async load(source: string | Blob): Promise<void> {
    this.loads += 1;
    const load = this.loads;
    const avatar = await this.makeAvatar(source);
    if (load !== this.loads) {
      avatar.dispose();
      return;
    }
    this.clip?.dispose();
    this.clip = null;
    this.scene.show(avatar.vrm);
    this.avatar?.dispose();
    this.avatar = avatar;
    this.holdExpression(null);
    avatar.pose.hold(this.heldPose);
    this.looksAtCamera = this.looks;
    this.startClip();
  }

  /** What is drawn now, as a PNG on a transparent ground; `null` where the browser makes none. */
  picture(): Promise<Blob | null> {
    // The drawing is kept for the length of this task only.
    this.scene.draw();
    return new Promise((resolve) => this.canvas.toBlob(resolve));
  }

  /** What is drawn in the next seconds, as a video. */
  clipOf(seconds: number): Promise<Blob> {
    return recordClip(this.canvas, seconds);
  }

  /** Whether the eyes look at whoever watches, in place of where the person's look. */
  set looksAtCamera(looks: boolean) {
    this.looks = looks;
    if (this.avatar) this.avatar.gaze.target = looks ? this.scene.camera : null;
  }

  /** How everybody on the stage is lit. */
  set light(light: StageLight) {
    this.scene.light(light);
  }

  /** How strongly wind blows through hair and clothes: 0 (none) to 1. */
  set wind(strength: number) {
    this.windStrength = strength;
    for (const { wind } of [...(this.avatar ? [this.avatar] : []), ...this.guests.avatars])
      wind.strength = strength;
  }

  /** The pose in which the avatar is shown, to be kept: 55 quaternions; `null` until there is an avatar. */
  get rotations(): Float32Array | null {
    return this.avatar && Float32Array.from(this.avatar.shown.rotations);
  }

  /** Hold a pose, faded in over the tracked motion; `null`: none any more. */
  holdPose(pose: KeptPose | null): void {
    this.heldPose = pose;
    this.avatar?.pose.hold(pose);
  }

  /** The expressions that can be held, each by a key from 1 on. */
  get heldNames(): readonly string[] {
    return this.avatar?.held.names ?? [];
  }

  /** The expression that is held; `null`: none. */
  get heldExpression(): string | null {
    return this.held;
  }

  /** Hold an expression, faded in over the tracked face; `null`: none any more. */
  holdExpression(name: string | null): void {
    this.held = name;
    this.avatar?.held.hold(name);
    this.onHeld?.();
  }

  /** Hold the expression of this place, or let it go where it is held. */
  toggleExpression(index: number): void {
    const name = this.heldNames[index];
    if (name) this.holdExpression(name === this.held ? null : name);
  }

  /** Take in the rig of one frame; it is copied. */
  push(rig: RigFrame): void {
    this.rigs += 1;
    this.motion.push(rig, performance.now());
  }

  /** The rigs that follow are of another stream. */
  restart(): void {
    this.motion.player.restart();
  }

  /** The names of the others on the stage, from left to right. */
  get guestNames(): readonly string[] {
    return this.guests.names;
  }

  hasGuest(name: string): boolean {
    return this.guests.has(name);
  }

  /** A guest's avatar; `null` where there is none, or not yet. */
  guestVrm(name: string): VRM | null {
    return this.guests.vrm(name);
  }

  /**
   * Put somebody else on the stage beside the first one, in the order of their names: they bring an avatar from an address
   * or a file. `stays`: also while no rig comes. Does nothing where they are there. Rejects with an `AvatarFailure`.
   */
  invite(name: string, source: string | Blob, stays = false): Promise<void> {
    return this.guests.invite(name, source, stays);
  }

  /** Take in a guest's rig, if they are there. */
  pushGuest(name: string, rig: RigFrame): void {
    this.guests.push(name, rig, performance.now());
  }

  /** Have a guest leave. */
  dismiss(name: string): void {
    this.guests.dismiss(name);
  }

  /** Play a VRM animation over and over instead of the rigs; rejects with an `AvatarFailure`. */
  async play(source: string | Blob): Promise<void> {
    this.animation = await ClipPlayer.load(source);
    this.startClip();
  }

  /** Back to the rigs. */
  stop(): void {
    this.animation = null;
    this.startClip();
  }

  dispose(): void {
    this.loads += 1;
    cancelAnimationFrame(this.request);
    this.clip?.dispose();
    this.scene.dispose();
    this.avatar?.dispose();
    this.guests.dispose();
  }

  private async makeAvatar(source: string | Blob): Promise<Avatar> {
    const vrm = await loadAvatar(source);
    if (this.isPlain) simplifyMaterials(vrm.scene);
    const avatar = new Avatar(vrm);
    avatar.wind.strength = this.windStrength;
    return avatar;
  }

  private startClip(): void {
    this.avatar?.fade.begin();
    this.clip?.dispose();
    this.clip = this.avatar && this.animation ? new ClipPlayer(this.avatar.vrm, this.animation) : null;
  }

  private readonly tick = (): void => {
    this.request = requestAnimationFrame(this.tick);
    if (this.isPaused) return;
    const nowMs = performance.now();
    const elapsedS = Math.min((nowMs - this.drawnAtMs) / 1000, LONGEST_STEP_S);
    this.drawnAtMs = nowMs;
    this.frameRate.count(nowMs);
    this.move(nowMs, elapsedS);
    this.guests.move(nowMs, elapsedS, this.mirror);
    this.scene.advance(elapsedS);
    this.scene.draw();
  };

  private move(nowMs: number, elapsedS: number): void {
    const { avatar, clip } = this;
    const pose = this.motion.advance(nowMs);
    if (!avatar) return;
    if (clip) {
      clip.advance(elapsedS);
    } else if (this.mirror) {
      mirrorPose(pose, this.mirrored);
      avatar.apply(this.mirrored);
    } else {
      avatar.apply(pose);
    }
    if (!clip) avatar.held.apply(elapsedS);
    avatar.update(elapsedS);
  }
}
