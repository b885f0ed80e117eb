import {
  Color,
  CylinderGeometry,
  InstancedMesh,
  Matrix4,
  MeshStandardMaterial,
  Object3D,
  Quaternion,
  SphereGeometry,
  Vector3,
} from "three";

export interface Bone {
  readonly from: number;
  readonly to: number;
  readonly colour: number;
  readonly radiusM: number;
}

const UP = new Vector3(0, 1, 0);
const NOWHERE = new Matrix4().makeScale(0, 0, 0);

/** Bones as sticks with round joints between points that move; two draw calls, whatever the number of bones. */
export class BoneMesh extends Object3D {
  private readonly sticks: InstancedMesh;
  private readonly joints: InstancedMesh;
  private readonly a = new Vector3();
  private readonly b = new Vector3();
  private readonly along = new Vector3();
  private readonly middle = new Vector3();
  private readonly size = new Vector3();
  private readonly turn = new Quaternion();
  private readonly matrix4 = new Matrix4();

  constructor(private readonly bones: readonly Bone[]) {
    super();
    const material = new MeshStandardMaterial({ roughness: 0.55, metalness: 0.05 });
    this.sticks = new InstancedMesh(new CylinderGeometry(1, 1, 1, 10, 1, true), material, bones.length);
    this.joints = new InstancedMesh(new SphereGeometry(1, 12, 8), material, bones.length * 2);
    const colour = new Color();
    bones.forEach((bone, at) => {
      colour.setHex(bone.colour);
      this.sticks.setColorAt(at, colour);
      this.joints.setColorAt(at * 2, colour);
      this.joints.setColorAt(at * 2 + 1, colour);
    });
    // Instances move far from where their bounds were computed.
    this.sticks.frustumCulled = false;
    this.joints.frustumCulled = false;
    this.add(this.sticks, this.joints);
  }

  /** Move the bones to flat x, y, z points; one with an end that is not there, or below `confidence`, is hidden. */
  move(points: Float32Array, visibility: Float32Array | null, confidence: number): void {
    for (let at = 0; at < this.bones.length; at += 1) {
      const { from, to, radiusM } = this.bones[at];
      this.a.fromArray(points, from * 3);
      this.b.fromArray(points, to * 3);
      const isSeen = !visibility || (visibility[from] >= confidence && visibility[to] >= confidence);
      if (isSeen && !Number.isNaN(this.a.x + this.b.x)) this.place(at, radiusM);
      else this.hide(at);
    }
    this.sticks.instanceMatrix.needsUpdate = true;
    this.joints.instanceMatrix.needsUpdate = true;
  }

  override dispose(): void {
    this.sticks.geometry.dispose();
    this.joints.geometry.dispose();
    (this.sticks.material as MeshStandardMaterial).dispose();
    this.sticks.dispose();
    this.joints.dispose();
  }

  private place(at: number, radiusM: number): void {
    const length = this.along.subVectors(this.b, this.a).length();
    this.turn.setFromUnitVectors(UP, this.along.divideScalar(length || 1));
    this.middle.addVectors(this.a, this.b).multiplyScalar(0.5);
    this.size.set(radiusM, length, radiusM);
    this.sticks.setMatrixAt(at, this.matrix4.compose(this.middle, this.turn, this.size));
    this.size.setScalar(radiusM * 1.35);
    this.turn.identity();
    this.joints.setMatrixAt(at * 2, this.matrix4.compose(this.a, this.turn, this.size));
    this.joints.setMatrixAt(at * 2 + 1, this.matrix4.compose(this.b, this.turn, this.size));
  }

  private hide(at: number): void {
    this.sticks.setMatrixAt(at, NOWHERE);
    this.joints.setMatrixAt(at * 2, NOWHERE);
    this.joints.setMatrixAt(at * 2 + 1, NOWHERE);
  }
}
