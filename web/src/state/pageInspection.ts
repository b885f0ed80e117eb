import type { AvatarController } from "./AvatarController";
import { describeAvatar } from "./describeAvatar";

/**
 * `window.mocast`: the page's present state, for application developers at the browser's console and for
 * end-to-end tests. Read only; not an interface to build on (that is `mocast-client`).
 */
export function pageInspection(avatar: AvatarController): Record<string, unknown> {
  const { live } = avatar;
  return Object.freeze({
    /** What draws overlays on a canvas, to be compared with the server's: the class `PicturePainter`. */
    painter: async () => (await import("../overlay/PicturePainter")).PicturePainter,
    /** `idle`, `opening`, `connecting`, `live`, `waiting` or `ended`. */
    get state() {
      return live.phase.value.is;
    },
    get failure() {
      return live.failure.value?.kind ?? null;
    },
    get room() {
      return live.room;
    },
    get sessionId() {
      return live.session?.id ?? null;
    },
    /** The newest landmarks: a `TrackedFrame`. */
    get lastFrame() {
      return live.picture.frames.latest;
    },
    /** The picture on the screen and the frame that belongs to it: a `PresentedFrame`. */
    get presented() {
      return live.picture.presented;
    },
    /** Who drew the picture on the screen: `here` or `server`; `null` before the first. */
    get shown() {
      return live.own.shown.value;
    },
    get statistics() {
      return live.statistics.newest.value;
    },
    get settings() {
      return live.settings.value;
    },
    get firstPictureMs() {
      return live.picture.firstMs;
    },
    get connection() {
      return live.session?.connection ?? null;
    },
    /** The newest analysis; `null` while its page is not open. */
    get analysis() {
      return live.analysis.value;
    },
    /** What the avatar shows at this moment; `null` while its page is not open. */
    get avatar() {
      return avatar.view && describeAvatar(avatar.view);
    },
  });
}
