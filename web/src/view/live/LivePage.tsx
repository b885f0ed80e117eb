import { useState } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import { useStore } from "../controls/useStore";
import { OwnPictureField } from "../session/OwnPictureField";
import { SettingsPanel } from "../session/SettingsPanel";
import { StatisticsCard } from "../session/StatisticsCard";
import { Toolbar } from "../session/Toolbar";
import { FigureCard } from "./FigureCard";
import { LandmarksCard } from "./LandmarksCard";
import { VideoStage } from "./VideoStage";

interface Props {
  readonly live: LiveController;
  /** A picture was given where a video belongs. */
  onPicture(file: File): void;
}

/** Camera in, annotated picture and landmarks out. */
export function LivePage({ live, onPicture }: Props) {
  const settings = useStore(live.settings);
  const info = useStore(live.info);
  const [isSwapped, setSwapped] = useState(false);
  const take = (file: File) => {
    if (file.type.startsWith("image/")) onPicture(file);
    else void live.selectSource({ file });
  };
  return (
    <div class={`live ${isSwapped ? "is-swapped" : ""}`}>
      <VideoStage live={live} onFile={take} />
      <Toolbar
        live={live}
        large={isSwapped ? ".figure" : ".stage"}
        isSwapped={isSwapped}
        onSwap={() => setSwapped(!isSwapped)}
        onFile={take}
      />
      <StatisticsCard live={live} />
      <FigureCard live={live} />
      <SettingsPanel
        settings={settings}
        info={info}
        isStill={false}
        onChange={(change) => live.change(change)}
      >
        <OwnPictureField live={live} />
      </SettingsPanel>
      <LandmarksCard live={live} />
    </div>
  );
}
