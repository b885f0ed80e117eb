// Reads a .vrma as others do: Khronos' validator, and pixiv's loader, which plays it on an avatar.
// node read_vrma.mjs WEB_FOLDER FILE AVATAR SECONDS... → JSON on standard output
// AVATAR: a .vrm, or "-" for one that is made up of the animation's own bones, at twice their size.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [web, file, model, ...times] = process.argv.slice(2);
const modules = resolve(web, "node_modules");
const load = (path) => import(pathToFileURL(resolve(modules, path)).href);

globalThis.self = globalThis; // what three's loader looks for in a browser
const THREE = await load("three/build/three.module.js");
const { GLTFLoader } = await load("three/examples/jsm/loaders/GLTFLoader.js");
const VRM = await load("@pixiv/three-vrm/lib/three-vrm.module.js");
const { VRMAnimationLoaderPlugin, VRMLookAtQuaternionProxy, createVRMAnimationClip } = await load(
  "@pixiv/three-vrm-animation/lib/three-vrm-animation.module.js",
);
const validator = createRequire(resolve(modules, "gltf-validator", "package.json"))("gltf-validator");

const bytes = readFileSync(file);
const report = await validator.validateBytes(new Uint8Array(bytes), { maxIssues: 0 });

const warnings = [];
console.warn = (...words) => warnings.push(words.join(" "));
const loader = new GLTFLoader();
loader.register((parser) => new VRMAnimationLoaderPlugin(parser));
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const gltf = await loader.parseAsync(buffer, "");
const [animation] = gltf.userData.vrmAnimations;

const vrm = model === "-" ? madeUp() : await loaded(model);
if (!vrm.scene.children.some((child) => child instanceof VRMLookAtQuaternionProxy)) {
  const proxy = new VRMLookAtQuaternionProxy(vrm.lookAt);
  proxy.name = "lookAtProxy";
  vrm.scene.add(proxy);
}
const mixer = new THREE.AnimationMixer(vrm.scene);
const clip = createVRMAnimationClip(animation, vrm);
mixer.clipAction(clip).setLoop(THREE.LoopOnce, 1).play().clampWhenFinished = true;

console.log(
  JSON.stringify({
    issues: report.issues,
    extensions: report.info.extensionsUsed,
    duration: animation.duration,
    warnings,
    hipsHeight: vrm.humanoid.normalizedRestPose.hips.position[1],
    moments: times.map((seconds) => moment(Number(seconds))),
  }),
);

/** An avatar from its file, without its pictures: Node can decode none. */
async function loaded(path) {
  const data = readFileSync(path);
  const length = data.readUInt32LE(12);
  const document = JSON.parse(data.toString("utf8", 20, 20 + length), (key, value) =>
    /texture$/i.test(key) || ["images", "textures", "samplers"].includes(key) ? undefined : value,
  );
  const copy = Uint8Array.from(data);
  copy.set(new TextEncoder().encode(JSON.stringify(document).padEnd(length)), 20);
  const loader = new GLTFLoader();
  loader.register((parser) => new VRM.VRMLoaderPlugin(parser));
  return (await loader.parseAsync(copy.buffer, "")).userData.vrm;
}

/** An avatar of twice the size of the animation's skeleton, with every bone and every expression of the file. */
function madeUp() {
  const document = gltf.parser.json;
  const { humanoid, expressions } = document.extensions.VRMC_vrm_animation;
  const scene = new THREE.Group();
  const nodes = document.nodes.map(({ name, translation }) => {
    const node = new THREE.Object3D();
    node.name = `raw_${name}`;
    if (translation) node.position.fromArray(translation).multiplyScalar(2);
    return node;
  });
  document.nodes.forEach(({ children = [] }, number) => {
    for (const child of children) nodes[number].add(nodes[child]);
  });
  const bones = Object.entries(humanoid.humanBones).map(([name, { node }]) => [name, { node: nodes[node] }]);
  scene.add(nodes[humanoid.humanBones.hips.node]);
  scene.updateMatrixWorld(true);
  const body = new VRM.VRMHumanoid(Object.fromEntries(bones));
  scene.add(body.normalizedHumanBonesRoot);
  const faces = new VRM.VRMExpressionManager();
  for (const name of [...Object.keys(expressions.preset), ...Object.keys(expressions.custom)]) {
    const expression = new VRM.VRMExpression(name);
    scene.add(expression);
    faces.registerExpression(expression);
  }
  const lookAt = new VRM.VRMLookAt(body, { lookAt: null, applyYawPitch() {} });
  return { scene, humanoid: body, expressionManager: faces, lookAt, meta: { metaVersion: "1" } };
}

function moment(seconds) {
  mixer.setTime(seconds);
  const pose = vrm.humanoid.getNormalizedPose();
  return {
    hips: vrm.humanoid.getNormalizedBoneNode("hips").position.toArray(),
    rotations: Object.fromEntries(Object.entries(pose).map(([name, { rotation }]) => [name, rotation])),
    expressions: Object.fromEntries(vrm.expressionManager.expressions.map((e) => [e.expressionName, e.weight])),
    yaw: vrm.lookAt.yaw,
    pitch: vrm.lookAt.pitch,
  };
}
