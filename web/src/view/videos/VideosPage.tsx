import type { FileFormats } from "mocast-client";
import { useEffect, useState } from "preact/hooks";
import { canBeShown } from "../../state/canBeShown";
import type { LiveController } from "../../state/LiveController";
import { VideoJobs } from "../../state/VideoJobs";
import { storage } from "../../storage/storage";
import { FileButton } from "../controls/FileButton";
import { Icon } from "../controls/Icon";
import { Switch } from "../controls/Switch";
import { useFileDrop } from "../controls/useFileDrop";
import { useStore } from "../controls/useStore";
import { SettingsPanel } from "../session/SettingsPanel";
import { useFileSettings } from "../session/useFileSettings";
import { requestFailureText } from "../text/requestFailureText";
import { FormatPicker } from "./FormatPicker";
import { JobItem } from "./JobItem";
import { VideoPreview } from "./VideoPreview";
import "./VideosPage.css";

interface Props {
  readonly live: LiveController;
  /** Play a motion on the avatar. */
  onPlay(animation: File, name: string): void;
}

const FORMATS: FileFormats = ["mp4", "vrma", "jsonl"];

/** Videos in files: sent to the server, processed there beside the live rooms, to see and to download. */
export function VideosPage({ live, onPlay }: Props) {
  const info = useStore(live.info);
  const [jobs] = useState(() => new VideoJobs());
  const [settings, changeSettings] = useFileSettings("video-settings");
  const [formats, setFormats] = useState(() => storage.load<FileFormats>("video-formats") ?? FORMATS);
  const [shownId, setShownId] = useState("");
  const videos = useStore(jobs.videos);
  const failure = useStore(jobs.failure);
  const [isBest, setBest] = useState(() => storage.load<boolean>("video-best") ?? false);
  const add = (file: File) => void jobs.add(file, settings, { formats, isBest });
  const { isOver, handlers } = useFileDrop(add);
  useEffect(() => void jobs.open(), [jobs]);

  const films = videos.filter(canBeShown);
  const shown = films.find(({ job }) => job.id === shownId) ?? films[0];
  const needsToken = (info?.auth ?? "none") !== "none";
  return (
    <div class="videos">
      <section
        aria-label="Video"
        class={`drop ${isOver ? "is-over" : ""} ${shown ? "has-result" : ""}`}
        {...handlers}
      >
        {shown ? (
          <VideoPreview key={shown.job.id} video={shown} jobs={jobs} needsToken={needsToken} />
        ) : (
          <div class="welcome">
            <Icon name="file" />
            <h2>Drop a video here</h2>
            <p>or choose a file. It is sent to the server, and deleted there when it is done.</p>
          </div>
        )}
      </section>
      <section class="toolbar card" aria-label="Choose">
        <FileButton
          label="Choose a video"
          icon="file"
          accept="video/*,.mkv,image/gif"
          inputLabel="Video file"
          isPrimary
          onFile={add}
        />
        <span class="space" />
        {failure && (
          <p class="remark" role="alert">
            {requestFailureText(failure)}
          </p>
        )}
      </section>
      <section class="card jobs" aria-label="Videos on the server">
        <h2>On the server</h2>
        {videos.length === 0 && <small>None yet.</small>}
        <ul>
          {videos.map((video) => (
            <JobItem
              key={video.job.id}
              video={video}
              jobs={jobs}
              isShown={video === shown}
              needsToken={needsToken}
              onShow={() => setShownId(video.job.id)}
              onPlay={onPlay}
            />
          ))}
        </ul>
      </section>
      <div class="settings">
        <section class="card">
          <h2>Results</h2>
          <FormatPicker
            chosen={formats}
            onChoose={(chosen) => {
              storage.save("video-formats", chosen);
              setFormats(chosen);
            }}
          />
          <Switch
            label="Best quality"
            hint="Nothing is left out for speed, whatever the quality below says"
            isOn={isBest}
            onChange={(isOn) => {
              storage.save("video-best", isOn);
              setBest(isOn);
            }}
          />
        </section>
        <SettingsPanel settings={settings} info={info} isStill={true} onChange={changeSettings} />
      </div>
    </div>
  );
}
