import type { VRM } from "@pixiv/three-vrm";

/** Within so long, whoever walks stands at their seat again. */
const SETTLE_S = 1;

/**
 * Where somebody stands on a stage of several. People stand anywhere in their cameras' pictures, often two of them in one, so
 * their place in it does not count, and their sideways motion does.
 */
export class Seat {
  private middle = Number.NaN;

  /** `x`: in metres. */
  constructor(
    private readonly vrm: VRM,
    private readonly x: number,
  ) {
    this.advance(0);
  }

  advance(elapsedS: number): void {
    const { scene, humanoid } = this.vrm;
    // A VRM 0 is turned about to face the camera.
    const aside = (humanoid.getNormalizedBoneNode("hips")?.position.x ?? 0) * Math.cos(scene.rotation.y);
    if (Number.isNaN(this.middle)) this.middle = aside;
    this.middle += (1 - Math.exp(-elapsedS / SETTLE_S)) * (aside - this.middle);
    scene.position.x = this.x - this.middle;
  }
}
