import { useEffect, useRef, useState } from "preact/hooks";
import type { FigureScene } from "../../figure/FigureScene";
import type { LiveController } from "../../state/LiveController";
import { Icon } from "../controls/Icon";
import { partMissing } from "../controls/partMissing";
import { useStore } from "../controls/useStore";

/** The landmarks as a figure that can be turned. Its code, half of the page, comes with the first session. */
export function FigureCard({ live }: { live: LiveController }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scene = useRef<FigureScene | null>(null);
  const hasFigure = useStore(live.statistics.newest) !== null;
  const [problem, setProblem] = useState("");
  const [isWanted, setWanted] = useState(false);
  if (useStore(live.phase).is === "live" && !isWanted) setWanted(true);
  useEffect(() => {
    if (!isWanted) return;
    let isGone = false;
    import("../../figure/FigureScene")
      .then(
        ({ FigureScene }) => {
          if (isGone || !canvas.current) return;
          scene.current = new FigureScene(canvas.current, {
            frame: () => live.picture.frames.latest,
            confidence: () => live.settings.value.confidence,
          });
        },
        () => setProblem(partMissing),
      )
      .catch(() => setProblem("This browser cannot draw in 3-D (WebGL is off)."));
    return () => {
      isGone = true;
      scene.current?.dispose();
      scene.current = null;
    };
  }, [live, isWanted]);
  return (
    <section class="card figure" aria-label="3-D figure">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label="The landmarks as a 3-D figure. Arrow keys turn it, plus and minus zoom, 0 looks from the front."
      />
      {problem ? (
        <p class="faint">{problem}</p>
      ) : (
        <p class="hint faint">{hasFigure ? "Drag to turn" : "Your 3-D figure appears here"}</p>
      )}
      <button
        type="button"
        class="button is-icon"
        aria-label="Look from the front"
        title="Look from the front"
        onClick={() => scene.current?.resetView()}
      >
        <Icon name="reset" />
      </button>
    </section>
  );
}
