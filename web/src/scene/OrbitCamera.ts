import type { PerspectiveCamera } from "three";

const STEP_RAD = Math.PI / 24;
const MAX_PITCH_RAD = 1.3;

/** Orbits a camera around a point: by dragging, wheel, two fingers, or arrow keys, +, - and 0. */
export class OrbitCamera {
  private yawRad = 0;
  private pitchRad: number;
  private zoom = 1;
  private readonly pointers = new Map<number, PointerEvent>();
  private readonly aborter = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly onChange: () => void,
    /** Of the view from the front: a little from above, where nothing else is said. */
    private readonly restPitchRad = 0.08,
  ) {
    this.pitchRad = restPitchRad;
    const { signal } = this.aborter;
    element.addEventListener("pointerdown", (event) => this.onDown(event), { signal });
    element.addEventListener("pointermove", (event) => this.onMove(event), { signal });
    for (const name of ["pointerup", "pointercancel"] as const) {
      element.addEventListener(name, (event) => this.pointers.delete(event.pointerId), { signal });
    }
    element.addEventListener("wheel", (event) => this.onWheel(event), { signal, passive: false });
    element.addEventListener("keydown", (event) => this.onKey(event), { signal });
    element.addEventListener("dblclick", () => this.reset(), { signal });
  }

  reset(): void {
    this.yawRad = 0;
    this.pitchRad = this.restPitchRad;
    this.zoom = 1;
    this.onChange();
  }

  /** Put the camera at `distance` from the point, on the side to which it was turned. */
  aim(camera: PerspectiveCamera, x: number, y: number, z: number, distance: number): void {
    const away = distance / this.zoom;
    const flat = Math.cos(this.pitchRad) * away;
    camera.position.set(
      x + Math.sin(this.yawRad) * flat,
      y + Math.sin(this.pitchRad) * away,
      z + Math.cos(this.yawRad) * flat,
    );
    camera.lookAt(x, y, z);
  }

  dispose(): void {
    this.aborter.abort();
  }

  private rotate(yawRad: number, pitchRad: number): void {
    this.yawRad += yawRad;
    this.pitchRad = Math.min(MAX_PITCH_RAD, Math.max(-MAX_PITCH_RAD, this.pitchRad + pitchRad));
    this.onChange();
  }

  private scale(factor: number): void {
    this.zoom = Math.min(4, Math.max(0.4, this.zoom * factor));
    this.onChange();
  }

  private onDown(event: PointerEvent): void {
    this.element.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event);
  }

  private onMove(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const spreadBefore = this.spread();
    this.pointers.set(event.pointerId, event);
    if (this.pointers.size > 1) this.scale(this.spread() / (spreadBefore || 1));
    else this.rotate((before.clientX - event.clientX) / 120, (event.clientY - before.clientY) / 120);
  }

  /** Between the first two pointers, in pixels. */
  private spread(): number {
    const [one, other] = this.pointers.values();
    return other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
  }

  private onWheel(event: WheelEvent): void {
    // Plain scrolling is the page's.
    if (!event.ctrlKey && document.activeElement !== this.element) return;
    event.preventDefault();
    this.scale(Math.exp(-event.deltaY / 400));
  }

  private onKey(event: KeyboardEvent): void {
    const does: Record<string, () => void> = {
      ArrowLeft: () => this.rotate(STEP_RAD, 0),
      ArrowRight: () => this.rotate(-STEP_RAD, 0),
      ArrowUp: () => this.rotate(0, STEP_RAD),
      ArrowDown: () => this.rotate(0, -STEP_RAD),
      "+": () => this.scale(1.15),
      "=": () => this.scale(1.15),
      "-": () => this.scale(1 / 1.15),
      "0": () => this.reset(),
    };
    const action = does[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }
}
