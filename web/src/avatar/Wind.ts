import type { VRMSpringBoneJoint, VRMSpringBoneManager } from "@pixiv/three-vrm";
import { Vector3 } from "three";
import { windAt } from "./windAt";

/** A spring of the strength 1 leans by as much, as a tangent, in the strongest wind; a stiffer one leans less. */
const LEAN = 0.35;

interface Blown {
  readonly joint: VRMSpringBoneJoint;
  /** Its own, without wind. */
  readonly gravity: Vector3;
  readonly power: number;
  readonly direction: Vector3;
}

/** Blows through an avatar's hair and clothes: a force beside gravity, which varies with time and place. */
export class Wind {
  /** 0: none, 1: the strongest. */
  strength = 0;
  private readonly blown: readonly Blown[];
  private timeS = 0;
  private isBlowing = false;
  private readonly wind = new Vector3();

  constructor(
    springs: VRMSpringBoneManager | undefined,
    private readonly seed = 1,
  ) {
    this.blown = [...(springs?.joints ?? [])].map((joint) => ({
      joint,
      gravity: joint.settings.gravityDir.clone().multiplyScalar(joint.settings.gravityPower),
      power: joint.settings.gravityPower,
      direction: joint.settings.gravityDir.clone(),
    }));
  }

  /** To be called before the springs' next step, of this length. */
  advance(stepS: number): void {
    this.timeS += stepS;
    if (this.strength > 0) this.blow();
    else if (this.isBlowing) this.calm();
  }

  private blow(): void {
    this.isBlowing = true;
    for (let i = 0; i < this.blown.length; i += 1) {
      const { joint, gravity } = this.blown[i];
      const { settings, bone } = joint;
      windAt(this.timeS, bone.matrixWorld.elements[12], this.seed, this.wind);
      const force = LEAN * this.strength * Math.sqrt(Math.max(settings.stiffness, 0));
      settings.gravityDir.copy(gravity).addScaledVector(this.wind, force);
      settings.gravityPower = 1;
    }
  }

  private calm(): void {
    this.isBlowing = false;
    for (const { joint, power, direction } of this.blown) {
      joint.settings.gravityDir.copy(direction);
      joint.settings.gravityPower = power;
    }
  }
}
