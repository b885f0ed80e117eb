import type { CustomGesture } from "mocast-client";
import { storage } from "../storage/storage";
import type { LiveController } from "./LiveController";

/** Tell every session that starts the gestures that this browser keeps (`GestureLibrary`, which the analysis page loads). */
export function tellGestures({ publisher }: Pick<LiveController, "publisher">): void {
  publisher.watch(() => {
    const gestures = storage.load<CustomGesture[]>("gestures");
    // Rejects where the session ends before it is connected.
    if (gestures?.length) publisher.value?.setGestures(gestures).catch(() => undefined);
  });
}
