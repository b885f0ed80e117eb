import { Avatar } from "./Avatar";
import { AvatarScene } from "./AvatarScene";
import type { Background } from "./Background";
import type { Framing } from "./Framing";
import { Host } from "./Host";
import { loadAvatar } from "./loadAvatar";
import { paintBackground } from "./paintBackground";
import { RenderLoop } from "./RenderLoop";
import { recordClip } from "./recordClip";
import { sceneQuality } from "./SceneQuality";
import { StageGuests } from "./StageGuests";
import type { StageLight } from "./StageLight";
import { simplifyMaterials } from "./simplifyMaterials";

export interface AvatarViewOptions {
  readonly framing?: Framing;
  readonly background?: Background;
  /** Whether it moves as a mirror: the subject's left hand is the avatar's right. The default is no. */
  readonly mirror?: boolean;
  /** The pixel ratio is at most this: 1 is fast, 2, the default, is sharp on dense displays. */
  readonly maxPixelRatio?: number;
  /** `plain` leaves shading, outlines, smooth edges and fine detail out; `auto` does so only where the processor must draw. */
  readonly quality?: "auto" | "full" | "plain";
  /** Each frame of the display lies between two of the tracking; `false` shows the newest at once. */
  readonly smooth?: boolean;
}

/**
 * Avatars on a canvas, moved by rigs; usable without the rest of this page. The canvas's size in the layout is that of
 * the picture. Dragging turns them, as do the arrow keys when the canvas has the focus.
 */
export class AvatarView {
  /** The first on the stage. */
  readonly host: Host;
  /** All others, beside the first. */
  readonly guests: StageGuests;
  readonly loop: RenderLoop;
  mirror: boolean;
  private readonly scene: AvatarScene;
  private windStrength = 0;

  /** Throws where the browser has no WebGL. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    {
      framing = "bust",
      background = { kind: "transparent" },
      mirror = false,
      maxPixelRatio = 2,
      quality = "auto",
      smooth = true,
    }: AvatarViewOptions = {},
  ) {
    const drawn = sceneQuality(quality, maxPixelRatio);
    this.scene = new AvatarScene(canvas, drawn);
    const makeAvatar = (source: string | Blob) => this.makeAvatar(source, drawn.isPlain);
    this.host = new Host(makeAvatar, (vrm) => this.scene.show(vrm));
    this.guests = new StageGuests(makeAvatar, (everybody) => this.scene.seat(everybody));
    this.host.isImmediate = !smooth;
    this.background = background;
    this.scene.frame(framing);
    this.mirror = mirror;
    this.loop = new RenderLoop((nowMs, elapsedS) => this.draw(nowMs, elapsedS));
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

  /** What is behind the avatars: the canvas's own style, which costs the render loop nothing. */
  set background(background: Background) {
    paintBackground(this.canvas, background);
  }

  /** Whether the first one's eyes look at whoever watches, in place of where the person's look. */
  set looksAtCamera(looks: boolean) {
    this.host.gazeTarget = looks ? this.scene.camera : null;
  }

  /** How everybody on the stage is lit. */
  set light(light: StageLight) {
    this.scene.light(light);
  }

  /** How strongly wind blows through hair and clothes: 0 (none) to 1. */
  set wind(strength: number) {
    this.windStrength = strength;
    const { host, guests } = this;
    for (const { wind } of [...(host.avatar ? [host.avatar] : []), ...guests.avatars])
      wind.strength = strength;
  }

  /**
   * How old the motion was that was drawn last, in milliseconds, when it was drawn; `null` before there is any.
   * `capturedAtMs`: when the newest rig's picture was taken, as `performance.now()` counts.
   */
  shownAgeMs(capturedAtMs: number): number | null {
    const { lagMs } = this.host;
    return lagMs === null ? null : this.loop.drawnAtMs - capturedAtMs + lagMs;
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

  dispose(): void {
    this.loop.stop();
    this.scene.dispose();
    this.host.dispose();
    this.guests.dispose();
  }

  private async makeAvatar(source: string | Blob, isPlain: boolean): Promise<Avatar> {
    const vrm = await loadAvatar(source);
    if (isPlain) simplifyMaterials(vrm.scene);
    const avatar = new Avatar(vrm);
    avatar.wind.strength = this.windStrength;
    return avatar;
  }

  private draw(nowMs: number, elapsedS: number): void {
    this.host.move(nowMs, elapsedS, this.mirror);
    this.guests.move(nowMs, elapsedS, this.mirror);
    this.scene.advance(elapsedS);
    this.scene.draw();
  }
}
