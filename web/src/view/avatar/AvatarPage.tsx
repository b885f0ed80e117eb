import type { AvatarController } from "../../state/AvatarController";
import { obsAddress } from "../../state/obsAddress";
import { Deferred } from "../controls/Deferred";
import { useStore } from "../controls/useStore";
import { StatisticsCard } from "../session/StatisticsCard";
import { Toolbar } from "../session/Toolbar";
import { AppsCard } from "./AppsCard";
import { AvatarCard } from "./AvatarCard";
import { AvatarStage } from "./AvatarStage";
import { DelayCard } from "./DelayCard";
import { DisplayCard } from "./DisplayCard";
import { MotionCard } from "./MotionCard";
import { ObsCard } from "./ObsCard";
import { OwnPictureCard } from "./OwnPictureCard";
import { RecordingsCard } from "./RecordingsCard";
import { SnapshotCard } from "./SnapshotCard";

const loadLookCard = async () => (await import("./LookCard")).LookCard;
const loadStageKeysCard = async () => (await import("./StageKeysCard")).StageKeysCard;
const loadSourcesCard = async () => (await import("./SourcesCard")).SourcesCard;

interface Props {
  readonly avatar: AvatarController;
  readonly isShown: boolean;
}

/** Camera in, a moving avatar out; the same session as the live page's. */
export function AvatarPage({ avatar, isShown }: Props) {
  const { live } = avatar;
  const settings = useStore(live.settings);
  const info = useStore(live.info);
  const display = useStore(avatar.display);
  const tint = useStore(avatar.tint);
  const needsToken = (info?.auth ?? "none") !== "none";
  const isLive = useStore(live.phase).is === "live";
  return (
    <div class="avatar">
      <AvatarStage avatar={avatar} isShown={isShown} onFile={(file) => avatar.openFile(file)} />
      <Toolbar live={live} large=".stage" onFile={(file) => void live.selectSource({ file })} />
      <StatisticsCard live={live} />
      <form class="settings" aria-label="Avatar settings" onSubmit={(event) => event.preventDefault()}>
        <AvatarCard selection={avatar.selection} />
        <DisplayCard
          display={display}
          onChange={(change) => avatar.change(change)}
          onPicture={(file) => avatar.openFile(file)}
        />
        <Deferred load={loadLookCard} props={{ avatar }} />
        <MotionCard
          settings={settings}
          calibrator={avatar.calibrator}
          isLive={isLive}
          person={avatar.person ?? 0}
          onChange={(change) => live.change(change)}
        />
        <Deferred load={loadSourcesCard} props={{ avatar, needsToken, isShown }} />
        <ObsCard
          address={obsAddress(location.href, live.room, display, tint)}
          link={needsToken ? avatar.link : null}
          onCopy={() => avatar.rememberRoom()}
        />
        <AppsCard
          room={live.room}
          link={needsToken ? avatar.link : null}
          outputs={avatar.outputs}
          hasOutputs={info?.outputs ?? false}
          isShown={isShown}
          onCopy={() => avatar.rememberRoom()}
        />
        <Deferred load={loadStageKeysCard} props={{ avatar, isShown }} />
        <SnapshotCard avatar={avatar} />
        <RecordingsCard
          recorder={avatar.recorder}
          isLive={isLive}
          needsToken={needsToken}
          onPlay={(take, name) => avatar.playTake(take, name)}
          onBake={(take) => avatar.bake(take)}
        />
        <OwnPictureCard live={live} />
        <DelayCard delay={avatar.delay} isLive={isLive} />
      </form>
    </div>
  );
}
