import { type TrackedFrame, topology } from "mocast-client";
import {
  DirectionalLight,
  HemisphereLight,
  PerspectiveCamera,
  PolarGridHelper,
  Scene,
  WebGLRenderer,
} from "three";
import { OrbitCamera } from "../scene/OrbitCamera";
import { assembleFigure } from "./assembleFigure";
import { BoneMesh } from "./BoneMesh";
import { FaceSurface } from "./FaceSurface";
import { FigureBounds } from "./FigureBounds";
import { FigurePoints } from "./FigurePoints";
import { figureBones } from "./figureBones";

/** What the scene draws, read at each frame of the display. */
export interface FigureSource {
  frame(): TrackedFrame | null;
  confidence(): number;
}

/** The landmarks as a figure that can be turned. Draws only when there is a new frame or the view changed. */
export class FigureScene {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(32, 1, 0.05, 50);
  private readonly grid = new PolarGridHelper(0.8, 12, 4, 64, 0x7a8794, 0x7a8794);
  private readonly body = new BoneMesh(figureBones.body);
  private readonly neck = new BoneMesh(figureBones.neck);
  private readonly head = new BoneMesh(figureBones.head);
  private readonly leftPalm = new BoneMesh(figureBones.leftPalm);
  private readonly rightPalm = new BoneMesh(figureBones.rightPalm);
  private readonly leftHand = new BoneMesh(figureBones.hand);
  private readonly rightHand = new BoneMesh(figureBones.hand);
  private readonly face = new FaceSurface();
  private readonly points = new FigurePoints();
  private readonly bounds = new FigureBounds();
  private readonly orbit: OrbitCamera;
  private readonly resizing: ResizeObserver;
  private drawn: TrackedFrame | null = null;
  private isStale = true;
  private request = 0;

  /** Throws where the browser has no WebGL. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly source: FigureSource,
  ) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    const key = new DirectionalLight(0xffffff, 2.2);
    key.position.set(1, 2, 3);
    Object.assign(this.grid.material, { transparent: true, opacity: 0.35 });
    this.scene.add(new HemisphereLight(0xffffff, 0x59636e, 1.6), key, this.grid, ...this.parts);
    for (const part of this.parts) part.visible = false;
    this.orbit = new OrbitCamera(canvas, () => this.refresh());
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(canvas);
    this.request = requestAnimationFrame(() => this.tick());
  }

  resetView(): void {
    this.orbit.reset();
  }

  dispose(): void {
    cancelAnimationFrame(this.request);
    this.resizing.disconnect();
    this.orbit.dispose();
    for (const part of this.parts) part.dispose();
    this.grid.dispose();
    this.renderer.dispose();
  }

  private get parts() {
    return [
      this.body,
      this.neck,
      this.head,
      this.leftPalm,
      this.rightPalm,
      this.leftHand,
      this.rightHand,
      this.face,
    ];
  }

  private refresh(): void {
    this.isStale = true;
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.renderer.setSize(clientWidth, clientHeight, false);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    this.refresh();
  }

  private tick(): void {
    this.request = requestAnimationFrame(() => this.tick());
    const frame = this.source.frame();
    if (frame !== this.drawn) {
      this.drawn = frame;
      this.pose(frame);
      this.refresh();
    }
    if (!this.isStale) return;
    this.isStale = false;
    this.draw();
  }

  private pose(frame: TrackedFrame | null): void {
    const { points } = this;
    if (frame) assembleFigure(frame, points);
    const visibility = frame?.pose?.visibility ?? null;
    const confidence = this.source.confidence();
    this.show(this.body, !!frame?.pose, points.pose, visibility, confidence);
    this.show(this.neck, seesShoulders(frame, confidence), points.neck, null, 0);
    this.show(this.head, !!frame?.pose && !frame.face, points.pose, visibility, confidence);
    this.show(this.leftPalm, !!frame?.pose && !frame.leftHand, points.pose, visibility, confidence);
    this.show(this.rightPalm, !!frame?.pose && !frame.rightHand, points.pose, visibility, confidence);
    this.show(this.leftHand, !!frame?.leftHand, points.leftHand, null, 0);
    this.show(this.rightHand, !!frame?.rightHand, points.rightHand, null, 0);
    this.face.visible = !!frame?.face;
    if (frame?.face) this.face.move(points.face);
    if (frame) this.bounds.follow(points, visibility, confidence, performance.now());
  }

  private show(
    mesh: BoneMesh,
    isThere: boolean,
    points: Float32Array,
    visibility: Float32Array | null,
    confidence: number,
  ): void {
    mesh.visible = isThere;
    if (isThere) mesh.move(points, visibility, confidence);
  }

  private draw(): void {
    const { bounds, camera } = this;
    const halfAngleRad = (camera.fov * Math.PI) / 360;
    const narrow = Math.min(1, camera.aspect);
    this.orbit.aim(camera, bounds.x, bounds.y, bounds.z, bounds.radius / Math.sin(halfAngleRad) / narrow);
    this.grid.position.set(bounds.x, bounds.floor, bounds.z);
    this.grid.scale.setScalar(bounds.radius / 0.8);
    this.renderer.render(this.scene, camera);
  }
}

function seesShoulders(frame: TrackedFrame | null, confidence: number): boolean {
  const visibility = frame?.pose?.visibility;
  if (!visibility) return false;
  return Math.min(visibility[topology.LEFT_SHOULDER], visibility[topology.RIGHT_SHOULDER]) >= confidence;
}
