import type { VRM } from "@pixiv/three-vrm";

/** Within so long, whoever walks stands at their seat again. */
const SETTLE_S = 1;

/**
 * Where somebody stands on a stage of several. People stand anywhere in their cameras' pictures, often two of them in one, so
 * their place in it does not count, and their sideways motion does, as far as it leaves room for the others.
 */
export class Seat {
  private middle: number;

  /** `x`: of the seat; `reach`: how far from it somebody steps aside at most; metres. */
  constructor(
    readonly vrm: VRM,
    readonly x: number,
    private readonly reach: number,
  ) {
    this.middle = this.aside;
    this.put(x - this.middle);
  }

  /** Stand where one stands alone. */
  leave(): void {
    this.put(0);
  }

  advance(elapsedS: number): void {
    const { aside, reach } = this;
    this.middle += (1 - Math.exp(-elapsedS / SETTLE_S)) * (aside - this.middle);
    this.middle = Math.min(Math.max(this.middle, aside - reach), aside + reach);
    this.vrm.scene.position.x = this.x - this.middle;
  }

  private put(x: number): void {
    this.vrm.scene.position.x = x;
    // Hair and clothes come along at once; else they would fly after.
    this.vrm.scene.updateMatrixWorld(true);
    this.vrm.springBoneManager?.reset();
  }

  /** How far somebody stands aside in their own picture. */
  private get aside(): number {
    const { scene, humanoid } = this.vrm;
    // A VRM 0 is turned about to face the camera.
    return (humanoid.getNormalizedBoneNode("hips")?.position.x ?? 0) * Math.cos(scene.rotation.y);
  }
}
