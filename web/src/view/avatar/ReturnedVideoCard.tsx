import type { LiveController } from "../../state/LiveController";
import { Switch } from "../controls/Switch";
import { useStore } from "../controls/useStore";

/** Whether the annotated picture comes back. */
export function ReturnedVideoCard({ live }: { live: LiveController }) {
  const returnsVideo = useStore(live.returnsVideo);
  return (
    <section class="card">
      <h2>Your own picture</h2>
      <Switch
        label="Comes back annotated"
        hint="Without it the server draws and encodes nothing: the cheapest session there is"
        isOn={returnsVideo}
        onChange={(isWanted) => live.setReturnsVideo(isWanted)}
      />
      <small>
        {returnsVideo
          ? "Switch it off and the server only tracks: more frames per second on a small machine."
          : "The server only tracks. The corner shows your camera as it is."}
      </small>
    </section>
  );
}
