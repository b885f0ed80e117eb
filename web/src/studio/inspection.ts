import type { AvatarDesk } from "./AvatarDesk";
import { describeAvatar } from "./describeAvatar";

/**
 * `window.mocast`: what the page knows right now, for application developers at the browser's console and for
 * end-to-end tests. Read only; not an interface to build on (that is `rtc/MocastSession.ts`).
 */
export function inspection(desk: AvatarDesk): Record<string, unknown> {
  const { studio } = desk;
  return Object.freeze({
    /** `idle`, `opening`, `connecting`, `live`, `waiting` or `ended`. */
    get state() {
      return studio.phase.value.is;
    },
    get failure() {
      return studio.failure.value?.kind ?? null;
    },
    get room() {
      return studio.room;
    },
    get sessionId() {
      return studio.session?.id ?? null;
    },
    /** The newest landmarks: a `TrackedFrame`. */
    get lastFrame() {
      return studio.frames.latest;
    },
    /** The picture on the screen and the frame that belongs to it: a `PresentedPicture`. */
    get presented() {
      return studio.presented;
    },
    get statistics() {
      return studio.statistics.value;
    },
    get settings() {
      return studio.settings.value;
    },
    get firstPictureMs() {
      return studio.firstPictureMs;
    },
    get connection() {
      return studio.session?.connection ?? null;
    },
    /** What the avatar shows at this moment; `null` while its page is not open. */
    get avatar() {
      return desk.avatar && describeAvatar(desk.avatar);
    },
  });
}
