import type { VRM } from "@pixiv/three-vrm";
import type { VRMAnimation } from "@pixiv/three-vrm-animation";
import type { RigFrame } from "mocast-client";
import type { Object3D } from "three";
import type { Avatar } from "./Avatar";
import { AvatarMotion } from "./AvatarMotion";
import { ClipPlayer } from "./ClipPlayer";
import { type AvatarBody, describeBody } from "./fit/describeBody";
import type { KeptPose } from "./KeptPose";

/** Whose stage it is: an avatar that is moved by rigs, or by an animation in their place. */
export class Host {
  /** How many rigs were pushed. */
  rigs = 0;
  /** Told when another expression, or none, is held, and when another avatar is shown. */
  onHeld: (() => void) | null = null;
  private readonly motion = new AvatarMotion();
  private current: Avatar | null = null;
  private animation: VRMAnimation | null = null;
  private clip: ClipPlayer | null = null;
  private held: string | null = null;
  private heldPose: KeptPose | null = null;
  private target: Object3D | null = null;
  private loads = 0;

  /** `onShow`: an avatar, in its rest pose, takes the place of the one that was shown. */
  constructor(
    private readonly makeAvatar: (source: string | Blob) => Promise<Avatar>,
    private readonly onShow: (vrm: VRM) => void,
  ) {}

  /** What is shown; `null` until one was loaded. */
  get avatar(): Avatar | null {
    return this.current;
  }

  get vrm(): VRM | null {
    return this.current?.vrm ?? null;
  }

  /** The proportions of the avatar that is shown, as the server takes them; `null` until one was loaded. */
  get body(): AvatarBody | null {
    return this.current && describeBody(this.current.proportions);
  }

  /** `nothing` (no avatar yet), `animation`, `tracking` or `idle`. */
  get state(): "nothing" | "animation" | "tracking" | "idle" {
    if (!this.current) return "nothing";
    if (this.clip) return "animation";
    return this.motion.isTracking ? "tracking" : "idle";
  }

  /** Whether it shows the newest rig at once, not what lies between two. */
  set isImmediate(isImmediate: boolean) {
    this.motion.player.isImmediate = isImmediate;
  }

  /** How far behind the newest rig the avatar is, on purpose: see `PlayoutClock`. */
  get delayMs(): number {
    return this.motion.player.delayMs;
  }

  /** How far behind the newest rig the motion was that was shown last; `null` before there is any. */
  get lagMs(): number | null {
    return this.motion.player.lagMs;
  }

  /** What the eyes look at; `null`: where the person's do. */
  set gazeTarget(target: Object3D | null) {
    this.target = target;
    if (this.current) this.current.gaze.target = target;
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
    this.onShow(avatar.vrm);
    this.current?.dispose();
    this.current = avatar;
    this.holdExpression(null);
    avatar.pose.hold(this.heldPose);
    avatar.gaze.target = this.target;
    this.startClip();
  }

  /** The pose in which the avatar is shown, to be kept: 55 quaternions; `null` until there is an avatar. */
  get rotations(): Float32Array | null {
    return this.current && Float32Array.from(this.current.shown.rotations);
  }

  /** Hold a pose, faded in over the tracked motion; `null`: none any more. */
  holdPose(pose: KeptPose | null): void {
    this.heldPose = pose;
    this.current?.pose.hold(pose);
  }

  /** The expressions that can be held, each by a key from 1 on. */
  get heldNames(): readonly string[] {
    return this.current?.held.names ?? [];
  }

  /** The expression that is held; `null`: none. */
  get heldExpression(): string | null {
    return this.held;
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

  /** Go on by the time that has passed since it was drawn last. */
  move(nowMs: number, elapsedS: number, isMirrored: boolean): void {
    const { current, clip } = this;
    const pose = this.motion.advance(nowMs, isMirrored);
    if (!current) return;
    if (clip) {
      clip.advance(elapsedS);
    } else {
      current.apply(pose);
      current.held.apply(elapsedS);
    }
    current.update(elapsedS);
  }

  dispose(): void {
    this.loads += 1;
    this.clip?.dispose();
    this.current?.dispose();
  }

  /** Faded in over the tracked face; `null`: none any more. */
  private holdExpression(name: string | null): void {
    this.held = name;
    this.current?.held.hold(name);
    this.onHeld?.();
  }

  private startClip(): void {
    this.current?.fade.begin();
    this.clip?.dispose();
    this.clip = this.current && this.animation ? new ClipPlayer(this.current.vrm, this.animation) : null;
  }
}
