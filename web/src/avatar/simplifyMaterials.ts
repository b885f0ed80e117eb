import { MToonMaterial } from "@pixiv/three-vrm";
import { type Material, Mesh, MeshBasicMaterial, type Object3D } from "three";

/**
 * Give an avatar's meshes plain materials: their colours and textures, without shading and outlines. Drawn by the
 * processor that takes a quarter of the time; what expressions do to materials is lost.
 */
export function simplifyMaterials(avatar: Object3D): void {
  const simple = new Map<Material, Material>();
  avatar.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    const materials: Material[] = [object.material].flat();
    // Toon materials draw everything twice: the second time for the outline.
    const [surface] = materials;
    if (!(surface instanceof MToonMaterial)) return;
    if (!simple.has(surface)) simple.set(surface, simplified(surface));
    object.material = simple.get(surface)!;
    object.geometry.clearGroups();
    for (const material of materials) material.dispose();
  });
}

function simplified(toon: MToonMaterial): MeshBasicMaterial {
  return new MeshBasicMaterial({
    name: toon.name,
    color: toon.color,
    map: toon.map,
    alphaTest: toon.alphaTest,
    transparent: toon.transparent,
    opacity: toon.opacity,
    depthWrite: toon.depthWrite,
    side: toon.side,
    vertexColors: toon.vertexColors,
  });
}
