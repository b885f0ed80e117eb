import { useEffect, useState } from "preact/hooks";
import { AnalysisController } from "../../state/AnalysisController";
import type { LiveController } from "../../state/LiveController";
import { useStore } from "../controls/useStore";
import { VideoStage } from "../live/VideoStage";
import { Toolbar } from "../session/Toolbar";
import { AirKeyboardOverlay } from "./AirKeyboardOverlay";
import { AnglesCard } from "./AnglesCard";
import "./analysis.css";
import { EventsCard } from "./EventsCard";
import { GesturesCard } from "./GesturesCard";
import { HandsCard } from "./HandsCard";
import { HeadCard } from "./HeadCard";
import { KeyboardCard } from "./KeyboardCard";
import { RepetitionsCard } from "./RepetitionsCard";
import { RepetitionsOverlay } from "./RepetitionsOverlay";
import { useZone } from "./useZone";

interface Props {
  readonly live: LiveController;
  readonly isShown: boolean;
}

/** What the motion means: angles, repetitions, gestures and the like; the same session as the live page's. */
export function AnalysisPage({ live, isShown }: Props) {
  const [analysis] = useState(() => new AnalysisController(live));
  const phase = useStore(live.phase);
  const [isTyping, setTyping] = useState(false);
  const [zone, setZone] = useZone();
  useEffect(() => (isShown ? analysis.show() : undefined), [analysis, isShown]);
  return (
    <div class="analysis">
      <VideoStage live={live} onFile={(file) => void live.selectSource({ file })}>
        {phase.is === "live" && <RepetitionsOverlay analysis={analysis} />}
        {isTyping && isShown && phase.is === "live" && (
          <AirKeyboardOverlay analysis={analysis} zone={zone} onClose={() => setTyping(false)} />
        )}
      </VideoStage>
      <Toolbar live={live} large=".stage" onFile={(file) => void live.selectSource({ file })} />
      <form class="settings" aria-label="Analysis" onSubmit={(event) => event.preventDefault()}>
        <RepetitionsCard analysis={analysis} />
        <AnglesCard analysis={analysis} />
        <HandsCard analysis={analysis} />
        <GesturesCard gestures={analysis.gestures} isLive={phase.is === "live"} />
        <HeadCard analysis={analysis} />
        <EventsCard analysis={analysis} />
        <KeyboardCard isOn={isTyping} zone={zone} live={live} onChange={setTyping} onZone={setZone} />
      </form>
    </div>
  );
}
