import { frameToJson, type TrackedFrame } from "mocast-client";
import { useEffect, useState } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import { CopyButton } from "../controls/CopyButton";

/** Slow enough to read: landmarks come up to 60 times a second. */
const REFRESH_MS = 500;

/** Which parts are found, and a sample of the data as JSON. */
export function LandmarksCard({ live }: { live: LiveController }) {
  const [frame, setFrame] = useState<TrackedFrame | null>(null);
  useEffect(() => {
    const timer = setInterval(() => setFrame(live.picture.frames.latest), REFRESH_MS);
    return () => clearInterval(timer);
  }, [live]);
  const parts: [string, unknown][] = [
    ["Body", frame?.pose],
    ["Face", frame?.face],
    ["Left hand", frame?.leftHand],
    ["Right hand", frame?.rightHand],
  ];
  return (
    <section class="card landmarks" aria-labelledby="landmarks-title">
      <header>
        <h2 id="landmarks-title">Landmarks</h2>
        <CopyButton
          label="Copy JSON"
          isDisabled={!frame}
          text={() => JSON.stringify(frameToJson(live.picture.frames.latest ?? frame!))}
        />
      </header>
      <ul class="parts">
        {parts.map(([name, part]) => (
          <li key={name} class={part ? "is-found" : ""}>
            {name}
            <span class="for-readers">{part ? ": found" : ": not found"}</span>
          </li>
        ))}
      </ul>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must be able to scroll it. */}
      <section class="sample" tabIndex={0} aria-label="A sample of the landmarks as JSON">
        <pre>
          {frame
            ? excerpt(frame)
            : "Landmarks appear here while you are live.\nHover over the picture to read a joint."}
        </pre>
      </section>
    </section>
  );
}

/** The first landmarks of each part; all of them would be 800 lines. */
function excerpt(frame: TrackedFrame): string {
  const shorten = (_key: string, value: unknown) => {
    if (!Array.isArray(value)) return value;
    return value.length > 3 ? [...value.slice(0, 2).map(inline), `… ${value.length}`] : inline(value);
  };
  return JSON.stringify(frameToJson(frame), shorten, 1)
    .replaceAll(/"(\[[^"]*\]|… \d+)"/g, "$1")
    .replaceAll(/^ /gm, "");
}

function inline(value: unknown): unknown {
  return Array.isArray(value) ? `[${value.join(", ")}]` : value;
}
