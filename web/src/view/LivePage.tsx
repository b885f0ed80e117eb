import { useState } from "preact/hooks";
import type { Studio } from "../studio/Studio";
import { FigureCard } from "./FigureCard";
import { FiguresCard } from "./FiguresCard";
import { LandmarksCard } from "./LandmarksCard";
import { SettingsPanel } from "./SettingsPanel";
import { Stage } from "./Stage";
import { Toolbar } from "./Toolbar";
import { useStore } from "./useStore";

/** Camera in, annotated picture and landmarks out. */
export function LivePage({ studio }: { studio: Studio }) {
  const settings = useStore(studio.settings);
  const info = useStore(studio.info);
  const [isSwapped, setSwapped] = useState(false);
  return (
    <div class={`live ${isSwapped ? "is-swapped" : ""}`}>
      <Stage studio={studio} />
      <Toolbar studio={studio} isSwapped={isSwapped} onSwap={() => setSwapped(!isSwapped)} />
      <FiguresCard studio={studio} />
      <FigureCard studio={studio} />
      <SettingsPanel
        settings={settings}
        info={info}
        isStill={false}
        onChange={(change) => studio.change(change)}
      />
      <LandmarksCard studio={studio} />
    </div>
  );
}
