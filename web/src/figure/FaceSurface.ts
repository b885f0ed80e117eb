import { topology } from "mocast-client";
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  DynamicDrawUsage,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshStandardMaterial,
  Object3D,
} from "three";
import faceMesh from "./faceMesh.json";
import { palette } from "./palette";

const LINE_COLOURS: Record<string, number> = {
  lips: palette.lips,
  left_eye: palette.leftArm,
  left_eyebrow: palette.leftArm,
  right_eye: palette.rightArm,
  right_eyebrow: palette.rightArm,
  left_iris: palette.iris,
  right_iris: palette.iris,
};

/** The face as a faceted surface with its features drawn as lines. */
export class FaceSurface extends Object3D {
  private readonly positions = new BufferAttribute(new Float32Array(topology.FACE_COUNT * 3), 3);
  private readonly surface: Mesh<BufferGeometry, MeshStandardMaterial>;
  private readonly lines: LineSegments<BufferGeometry, LineBasicMaterial>[];

  constructor() {
    super();
    this.positions.setUsage(DynamicDrawUsage);
    // Facets need no normals of their own; the corners are in no winding order, so both sides are drawn.
    const material = new MeshStandardMaterial({
      color: new Color(palette.face),
      flatShading: true,
      side: DoubleSide,
      roughness: 0.8,
      polygonOffset: true,
      polygonOffsetFactor: 1,
      polygonOffsetUnits: 1,
    });
    this.surface = new Mesh(this.geometry(faceMesh.triangles), material);
    this.surface.frustumCulled = false;
    this.lines = Object.entries(faceMesh.lines)
      .filter(([name]) => name in LINE_COLOURS)
      .map(([name, pairs]) => this.line(pairs, LINE_COLOURS[name]));
    this.add(this.surface, ...this.lines);
  }

  /** Move to 478 flat x, y, z points. Where some did not arrive the face stays as it was. */
  move(points: Float32Array): void {
    if (points.some(Number.isNaN)) return;
    this.positions.copyArray(points);
    this.positions.needsUpdate = true;
  }

  override dispose(): void {
    for (const part of [this.surface, ...this.lines]) {
      part.geometry.dispose();
      part.material.dispose();
    }
  }

  private geometry(index: number[]): BufferGeometry {
    return new BufferGeometry().setAttribute("position", this.positions).setIndex(index);
  }

  private line(pairs: number[], colour: number): LineSegments<BufferGeometry, LineBasicMaterial> {
    const line = new LineSegments(this.geometry(pairs), new LineBasicMaterial({ color: colour }));
    line.frustumCulled = false;
    return line;
  }
}
