import type { CustomGesture } from "mocast-client";
import { storage } from "../storage/storage";
import type { LiveController } from "./LiveController";

/** Tell every session that starts the gestures that this browser keeps (`GestureLibrary`, which the analysis page loads). */
export function tellGestures({ phase, publisher }: Pick<LiveController, "phase" | "publisher">): void {
  phase.watch(() => {
    const gestures = storage.load<CustomGesture[]>("gestures");
    // What another version kept may be refused; then there are none.
    if (phase.value.is === "live" && gestures?.length)
      publisher.value?.setGestures(gestures).catch(() => undefined);
  });
}
