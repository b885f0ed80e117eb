import { useState } from "preact/hooks";
import type { Studio } from "../studio/Studio";
import { FigureCard } from "./FigureCard";
import { FiguresCard } from "./FiguresCard";
import { LandmarksCard } from "./LandmarksCard";
import { SettingsPanel } from "./SettingsPanel";
import { Stage } from "./Stage";
import { Toolbar } from "./Toolbar";

/** Camera in, annotated picture and landmarks out. */
export function LivePage({ studio }: { studio: Studio }) {
  const [isSwapped, setSwapped] = useState(false);
  return (
    <div class={`live ${isSwapped ? "is-swapped" : ""}`}>
      <Stage studio={studio} />
      <Toolbar studio={studio} isSwapped={isSwapped} onSwap={() => setSwapped(!isSwapped)} />
      <FiguresCard studio={studio} />
      <FigureCard studio={studio} />
      <SettingsPanel studio={studio} isStill={false} />
      <LandmarksCard studio={studio} />
    </div>
  );
}
