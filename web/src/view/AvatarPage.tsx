import type { AvatarDesk } from "../studio/AvatarDesk";
import { obsAddress } from "../studio/obsAddress";
import { AppsCard } from "./AppsCard";
import { AvatarStage } from "./AvatarStage";
import { FiguresCard } from "./FiguresCard";
import { LookCard } from "./LookCard";
import { ModelCard } from "./ModelCard";
import { MotionCard } from "./MotionCard";
import { ObsCard } from "./ObsCard";
import { RecordCard } from "./RecordCard";
import { SessionCard } from "./SessionCard";
import { Toolbar } from "./Toolbar";
import { useStore } from "./useStore";

interface Props {
  readonly desk: AvatarDesk;
  readonly isShown: boolean;
}

/** Camera in, a moving avatar out; the same session as the live page's. */
export function AvatarPage({ desk, isShown }: Props) {
  const { studio } = desk;
  const settings = useStore(studio.settings);
  const info = useStore(studio.info);
  const look = useStore(desk.look);
  const isLive = useStore(studio.phase).is === "live";
  return (
    <div class="avatar">
      <AvatarStage desk={desk} isShown={isShown} onFile={(file) => desk.take(file)} />
      <Toolbar studio={studio} large=".stage" onFile={(file) => void studio.choose({ file })} />
      <FiguresCard studio={studio} />
      <form class="settings" aria-label="Avatar settings" onSubmit={(event) => event.preventDefault()}>
        <ModelCard model={desk.model} />
        <LookCard
          look={look}
          onChange={(change) => desk.change(change)}
          onPicture={(file) => desk.take(file)}
        />
        <MotionCard
          settings={settings}
          calibrator={desk.calibrator}
          isLive={isLive}
          onChange={(change) => studio.change(change)}
        />
        <ObsCard address={obsAddress(location.origin, studio.room, look)} onCopy={() => desk.keepRoom()} />
        <AppsCard
          room={studio.room}
          outputs={desk.outputs}
          hasOutputs={info?.outputs ?? false}
          isShown={isShown}
          onCopy={() => desk.keepRoom()}
        />
        <RecordCard
          recorder={desk.recorder}
          isLive={isLive}
          onPlay={(address, name) => void desk.play(address, name)}
        />
        <SessionCard studio={studio} />
      </form>
    </div>
  );
}
