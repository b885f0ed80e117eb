import type { VRM, VRMHumanBoneName } from "@pixiv/three-vrm";
import { rigNames } from "mocast-client";
import { type Object3D, Quaternion } from "three";
import type { AvatarPose } from "./AvatarPose";

/** The rig's hips at rest: docs/wire-format.md. */
const RIG_HIPS_HEIGHT = 0.9;

/** The bone that takes over the rotation of one that an avatar lacks: the next up or down the chain that it has. */
const INTO_PARENT: Record<string, string> = { upperChest: "chest", chest: "spine" };
const INTO_CHILD: Record<string, string> = {
  neck: "head",
  leftShoulder: "leftUpperArm",
  rightShoulder: "rightUpperArm",
};

interface Driven {
  readonly node: Object3D;
  readonly bone: number;
  /** The missing bones above it, whose rotations come before its own. */
  readonly before: number[];
  /** The missing bones below it, whose rotations come after its own. */
  readonly after: number[];
}

/** Moves an avatar's humanoid bones. */
export class BoneDriver {
  private readonly driven: Driven[] = [];
  private readonly hips: Object3D;
  private readonly rest: readonly [number, number, number];
  private readonly scale: number;
  /** VRM 0 faces -Z: its axes are VRM 1's turned by 180° about the Y axis. */
  private readonly sign: 1 | -1;
  private readonly rotation = new Quaternion();

  /** `except`: bones that something else moves. */
  constructor(
    private readonly vrm: VRM,
    except: ReadonlySet<string>,
  ) {
    const { humanoid } = vrm;
    this.sign = vrm.meta.metaVersion === "0" ? -1 : 1;
    this.hips = humanoid.getNormalizedBoneNode("hips")!;
    this.rest = humanoid.normalizedRestPose.hips?.position ?? [0, RIG_HIPS_HEIGHT, 0];
    this.scale = this.rest[1] / RIG_HIPS_HEIGHT;
    rigNames.bones.forEach((name, bone) => {
      const node = this.node(name);
      if (node && !except.has(name)) this.driven.push({ node, bone, before: [], after: [] });
    });
    rigNames.bones.forEach((name, bone) => {
      if (!this.node(name)) this.redistribute(name, bone);
    });
  }

  apply(pose: AvatarPose): void {
    const { sign, scale, rest } = this;
    for (let i = 0; i < this.driven.length; i += 1) this.rotateBone(this.driven[i], pose.rotations);
    this.hips.position.set(
      rest[0] + sign * pose.hips[0] * scale,
      rest[1] + (pose.hips[1] - RIG_HIPS_HEIGHT) * scale,
      rest[2] + sign * pose.hips[2] * scale,
    );
  }

  private rotateBone({ node, bone, before, after }: Driven, rotations: Float32Array): void {
    const { rotation, sign } = this;
    read(node.quaternion, rotations, bone, sign);
    for (let i = 0; i < before.length; i += 1)
      node.quaternion.premultiply(read(rotation, rotations, before[i], sign));
    for (let i = 0; i < after.length; i += 1)
      node.quaternion.multiply(read(rotation, rotations, after[i], sign));
  }

  private node(name: string): Object3D | null {
    return this.vrm.humanoid.getNormalizedBoneNode(name as VRMHumanBoneName);
  }

  /** Add a missing bone's rotation to another's, so that the arms and the head still point where they should. */
  private redistribute(name: string, bone: number): void {
    let parent = INTO_PARENT[name];
    while (parent && !this.node(parent)) parent = INTO_PARENT[parent];
    this.find(parent)?.after.push(bone);
    this.find(INTO_CHILD[name])?.before.push(bone);
  }

  private find(name: string | undefined): Driven | undefined {
    return this.driven.find(({ bone }) => rigNames.bones[bone] === name);
  }
}

function read(into: Quaternion, rotations: Float32Array, bone: number, sign: number): Quaternion {
  const at = bone * 4;
  return into.set(sign * rotations[at], rotations[at + 1], sign * rotations[at + 2], rotations[at + 3]);
}
