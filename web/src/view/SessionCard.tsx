import type { Studio } from "../studio/Studio";
import { Switch } from "./Switch";
import { useStore } from "./useStore";

/** What the session spends on one's own picture. */
export function SessionCard({ studio }: { studio: Studio }) {
  const returnsVideo = useStore(studio.returnsVideo);
  return (
    <section class="card">
      <h2>Your own picture</h2>
      <Switch
        label="Comes back annotated"
        hint="Without it the server draws and encodes nothing: the cheapest session there is"
        isOn={returnsVideo}
        onChange={(isWanted) => studio.returnVideo(isWanted)}
      />
      <small>
        {returnsVideo
          ? "Switch it off and the server only tracks: more frames per second on a small machine. The session reconnects for a moment."
          : "The server only tracks. The corner shows your camera as it is."}
      </small>
    </section>
  );
}
