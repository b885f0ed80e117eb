import { MToonMaterial } from "@pixiv/three-vrm";
import {
  LinearMipmapNearestFilter,
  type Material,
  Mesh,
  MeshBasicMaterial,
  MeshStandardMaterial,
  NoColorSpace,
  type Object3D,
  type Texture,
} from "three";

/** What glTF and VRM files give their meshes: toon, shaded and unlit. */
type Surface = MToonMaterial | MeshStandardMaterial | MeshBasicMaterial;

/**
 * Give an avatar's meshes plain materials: their colours and textures, without shading and outlines. Drawn by the
 * processor that takes a sixth of the time; what expressions do to materials is lost. As no light has to be added up,
 * colours go to the screen as they are stored: the renderer must convert none.
 */
export function simplifyMaterials(avatar: Object3D): void {
  const simple = new Map<Material, Material>();
  avatar.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    const materials: Material[] = [object.material].flat();
    // Toon materials draw everything twice: the second time for the outline.
    const [surface] = materials;
    if (!isSurface(surface)) return;
    if (!simple.has(surface)) simple.set(surface, simplified(surface));
    object.material = simple.get(surface)!;
    object.geometry.clearGroups();
    for (const material of materials) material.dispose();
  });
}

function isSurface(material: Material): material is Surface {
  return [MToonMaterial, MeshStandardMaterial, MeshBasicMaterial].some((kind) => material instanceof kind);
}

function simplified(surface: Surface): MeshBasicMaterial {
  return new MeshBasicMaterial({
    name: surface.name,
    color: surface.color.clone().convertLinearToSRGB(),
    map: surface.map && unconverted(surface.map),
    alphaTest: surface.alphaTest,
    transparent: surface.transparent,
    opacity: surface.opacity,
    depthWrite: surface.depthWrite,
    side: surface.side,
    vertexColors: surface.vertexColors,
  });
}

/** The texture as it is stored, and the nearest of its sizes: a processor converts and mixes each pixel at a cost. */
function unconverted(map: Texture): Texture {
  map.colorSpace = NoColorSpace;
  map.minFilter = LinearMipmapNearestFilter;
  map.needsUpdate = true;
  return map;
}
