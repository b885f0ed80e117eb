import type { VRMHumanBoneName } from "@pixiv/three-vrm";
import { parseRig } from "mocast-client";
import type { ViewerPage } from "./ViewerPage";

/**
 * `window.mocastAvatar`: the avatar's present state, read from three.js, for the browser's console and for
 * end-to-end tests. Not an interface to build on (that is `AvatarView.ts`).
 */
export function viewerInspection(page: ViewerPage): Record<string, unknown> {
  const { view, follower } = page;
  const { host, guests } = view;
  return Object.freeze({
    /** `nothing`, `idle`, `tracking` or `animation`. */
    get state() {
      return host.state;
    },
    /** `connecting`, `live`, `waiting` or `ended`; `null` without a room. */
    get connection() {
      return follower?.connection?.is ?? null;
    },
    /** The present connection, for its statistics; `null` between two. */
    get peer() {
      return follower?.peer ?? null;
    },
    get room() {
      return follower?.room ?? null;
    },
    get roomState() {
      return follower?.roomState ?? null;
    },
    /** What is wrong, as the person reads it; empty: nothing. */
    get problem() {
      return page.problem;
    },
    get fps() {
      return view.loop.frameRate.fps;
    },
    get delayMs() {
      return host.delayMs;
    },
    /** The names of the others on the stage, `PLACE OF THE ROOM/PERSON`, and where each one's hips are, metres. */
    get guests() {
      return guests.names.map((name) => {
        const node = guests.vrm(name)?.humanoid.getRawBoneNode("hips");
        return { name, hips: node ? node.matrixWorld.elements.slice(12, 15) : null };
      });
    },
    /** How many rigs were received. */
    get rigs() {
      return host.rigs;
    },
    get usesShapes() {
      return host.avatar?.usesShapes ?? false;
    },
    get framing() {
      return view.framing;
    },
    /** `0` or `1`: the avatar's version of VRM; `null` without one. */
    get vrmVersion() {
      return host.vrm?.meta.metaVersion ?? null;
    },
    /** The avatar's own name. */
    get title() {
      const meta = host.vrm?.meta;
      return meta ? (meta.metaVersion === "0" ? meta.title : meta.name) : null;
    },
    /** Metres of the avatar's world from the picture's foot to its head, before anyone zooms. */
    get shownHeight() {
      return view.shownHeight;
    },
    /** A bone's rotation relative to rest, x y z w; `null` where the avatar lacks it. */
    bone(name: VRMHumanBoneName) {
      return host.vrm?.humanoid.getNormalizedBoneNode(name)?.quaternion.toArray() ?? null;
    },
    /** Where a bone of the drawn skeleton is, metres. */
    place(name: VRMHumanBoneName) {
      const node = host.vrm?.humanoid.getRawBoneNode(name);
      return node ? node.matrixWorld.elements.slice(12, 15) : null;
    },
    /** The weight of an expression; `null` where the avatar lacks it. */
    expression(name: string) {
      return host.vrm?.expressionManager?.getValue(name) ?? null;
    },
    /** Degrees: yaw to the avatar's left, pitch up. */
    get gaze() {
      const lookAt = host.vrm?.lookAt;
      return lookAt ? [lookAt.yaw, -lookAt.pitch] : null;
    },
    /** Move an avatar by one message of the rig, binary or JSON; `false` where it is none. */
    push(message: ArrayBuffer | string) {
      const rig = parseRig(message);
      if (rig) page.receive(rig);
      return rig !== null;
    },
  });
}
