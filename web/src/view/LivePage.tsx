import { useState } from "preact/hooks";
import type { Studio } from "../studio/Studio";
import { FigureCard } from "./FigureCard";
import { FiguresCard } from "./FiguresCard";
import { LandmarksCard } from "./LandmarksCard";
import { SettingsPanel } from "./SettingsPanel";
import { Stage } from "./Stage";
import { Toolbar } from "./Toolbar";
import { useStore } from "./useStore";

interface Props {
  readonly studio: Studio;
  /** A picture was given where a video belongs. */
  onPicture(file: File): void;
}

/** Camera in, annotated picture and landmarks out. */
export function LivePage({ studio, onPicture }: Props) {
  const settings = useStore(studio.settings);
  const info = useStore(studio.info);
  const [isSwapped, setSwapped] = useState(false);
  const take = (file: File) => {
    if (file.type.startsWith("image/")) onPicture(file);
    else void studio.choose({ file });
  };
  return (
    <div class={`live ${isSwapped ? "is-swapped" : ""}`}>
      <Stage studio={studio} onFile={take} />
      <Toolbar
        studio={studio}
        large={isSwapped ? ".figure" : ".stage"}
        isSwapped={isSwapped}
        onSwap={() => setSwapped(!isSwapped)}
        onFile={take}
      />
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
