import type { AvatarDelay, Percentiles } from "../../state/AvatarDelay";
import { useStore } from "../controls/useStore";

/** How late the avatar is in this browser, by what it knows of its own pictures. */
export function DelayCard({ delay, isLive }: { delay: AvatarDelay; isLive: boolean }) {
  const figures = useStore(delay.figures);
  return (
    <section class="card" aria-label="Delay">
      <h2>Delay</h2>
      {figures ? (
        <p class="delays">
          Camera to rig <output>{text(figures.toRig)}</output>, to the avatar on the screen{" "}
          <output>{text(figures.toScreen)}</output>
        </p>
      ) : (
        <small>
          {isLive
            ? "This browser, or a picture that the server draws, does not say which picture a rig is of; mocast probe measures it."
            : "From your camera's picture to the avatar, once you are live."}
        </small>
      )}
      {figures && (
        <small>Half of the last ten seconds is below the first number, 95 of 100 below the second.</small>
      )}
    </section>
  );
}

function text({ p50, p95 }: Percentiles): string {
  return `${p50.toFixed(0)} / ${p95.toFixed(0)} ms`;
}
