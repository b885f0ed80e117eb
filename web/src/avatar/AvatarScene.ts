import type { VRM } from "@pixiv/three-vrm";
import { LinearSRGBColorSpace, PerspectiveCamera, Scene, WebGLRenderer } from "three";
import { OrbitCamera } from "../scene/OrbitCamera";
import type { Framing } from "./Framing";
import { frameAvatar } from "./frameAvatar";
import { measureStature, type Stature } from "./measureStature";
import type { SceneQuality } from "./SceneQuality";
import { Seat } from "./Seat";
import type { Shot } from "./Shot";
import type { StageLight } from "./StageLight";
import { StageLights } from "./StageLights";

/** Of a portrait lens: a wider one makes noses long. */
const ANGLE_DEG = 22;
/** Between two avatars, in heights of the head over the hips: their elbows do not touch. */
const APART = 1.6;
/** From their seats they step aside as far, in the same measure: nobody leaves the picture. */
const REACH = 0.15;
const NOTHING: Shot = { x: 0, y: 1.2, z: 0, height: 1, width: 1 };

/** Avatars in a three.js scene: light, camera, size and quality. Draws when `draw` is called. */
export class AvatarScene {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly lights = new StageLights();
  readonly camera = new PerspectiveCamera(ANGLE_DEG, 1, 0.1, 60);
  private readonly orbit: OrbitCamera;
  private readonly resizing: ResizeObserver;
  private vrm: VRM | null = null;
  private stature: Stature | null = null;
  /** Of the others on the stage, from left to right; the first avatar stands before all of them. */
  private guests: readonly VRM[] = [];
  /** Of everybody, while there are several. */
  private seats: readonly Seat[] = [];
  private framed: Framing = "bust";
  private shot = NOTHING;

  /** Throws where the browser has no WebGL. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly quality: SceneQuality,
  ) {
    this.renderer = new WebGLRenderer({
      canvas,
      antialias: !quality.isPlain,
      alpha: true,
      powerPreference: "high-performance",
    });
    // Plain materials have their colours as the screen takes them.
    if (quality.isPlain) this.renderer.outputColorSpace = LinearSRGBColorSpace;
    this.scene.add(...this.lights.lamps, this.lights.around);
    this.orbit = new OrbitCamera(canvas, () => undefined, 0);
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(canvas);
  }

  get framing(): Framing {
    return this.framed;
  }

  /** Metres that the picture is high where the avatar stands, before anyone zooms. */
  get shownHeight(): number {
    return Math.max(this.shot.height, this.shot.width / this.camera.aspect);
  }

  /** `vrm`: in its rest pose. */
  show(vrm: VRM): void {
    if (this.vrm) this.scene.remove(this.vrm.scene);
    this.vrm = vrm;
    this.stature = measureStature(vrm);
    this.scene.add(vrm.scene);
    this.lights.lightPlain(vrm.scene);
    this.frame(this.framed);
  }

  /** Put others on the stage beside the first avatar, to its right; those that are not named leave. */
  seat(guests: readonly VRM[]): void {
    for (const gone of this.guests) if (!guests.includes(gone)) this.scene.remove(gone.scene);
    this.guests = guests;
    for (const { scene } of guests) this.scene.add(scene);
    this.lights.lightPlain(this.scene);
    this.frame(this.framed);
  }

  light(light: StageLight): void {
    this.lights.set(light);
    this.lights.lightPlain(this.scene);
  }

  frame(framing: Framing): void {
    this.framed = framing;
    this.shot = this.stature ? this.takeShot(this.stature, framing) : NOTHING;
    this.orbit.reset();
  }

  /** Stand everybody side by side, and show all of them. */
  private takeShot(stature: Stature, framing: Framing): Shot {
    const shot = frameAvatar(stature, framing);
    const trunk = stature.head.y - stature.hips.y;
    const apart = (APART * trunk) / 2;
    this.takeSeats(apart, REACH * trunk);
    const { length } = this.guests;
    return length === 0 ? shot : { ...shot, x: 0, width: shot.width + 2 * apart * length };
  }

  /** `apart`: half of what is between two seats. Who has theirs already stays as they are. */
  private takeSeats(apart: number, reach: number): void {
    const before = this.seats;
    const everybody = [...(this.vrm ? [this.vrm] : []), ...this.guests];
    if (everybody.length < 2) {
      this.seats = [];
      for (const seat of before) seat.leave();
      return;
    }
    this.seats = everybody.map((one, index) => {
      const x = apart * (2 * index - everybody.length + 1);
      return before.find((seat) => seat.vrm === one && seat.x === x) ?? new Seat(one, x, reach);
    });
  }

  /** Move everybody's place on the stage on, after their poses have changed. */
  advance(elapsedS: number): void {
    for (const seat of this.seats) seat.advance(elapsedS);
  }

  draw(): void {
    const { camera, shot } = this;
    const distance = this.shownHeight / 2 / Math.tan((camera.fov * Math.PI) / 360);
    this.orbit.aim(camera, shot.x, shot.y, shot.z, distance);
    this.renderer.render(this.scene, camera);
  }

  dispose(): void {
    this.resizing.disconnect();
    this.orbit.dispose();
    this.renderer.dispose();
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    const { maxPixelRatio, maxPixels } = this.quality;
    const fitting = Math.sqrt(maxPixels / (clientWidth * clientHeight));
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, maxPixelRatio, fitting));
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
  }
}
