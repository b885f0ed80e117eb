import { useEffect } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import { CopyButton } from "../controls/CopyButton";
import { Countdown } from "../controls/Countdown";
import { ErrorNotice } from "../controls/ErrorNotice";
import { FileButton } from "../controls/FileButton";
import { Icon } from "../controls/Icon";
import { LiveRegion } from "../controls/LiveRegion";
import { useFileDrop } from "../controls/useFileDrop";
import { useStore } from "../controls/useStore";
import { SettingsPanel } from "../session/SettingsPanel";
import { useFileSettings } from "../session/useFileSettings";
import { failureText } from "../text/failureText";
import { PictureResult } from "./PictureResult";
import { type AnnotatedPicture, useAnnotatedPicture } from "./useAnnotatedPicture";

interface Props {
  readonly live: LiveController;
  readonly file: File | null;
  onFile(file: File): void;
}

/** A picture in the camera's place: its landmarks and the annotated picture, to see and to download. */
export function PicturesPage({ live, file, onFile }: Props) {
  const info = useStore(live.info);
  // Its own: what is tried on a picture must not change a live session.
  const [settings, changeSettings] = useFileSettings("picture-settings");
  const { result, failure, isBusy, dismissFailure } = useAnnotatedPicture(file, settings);
  const { isOver, handlers } = useFileDrop(onFile);

  useEffect(() => {
    const onPaste = ({ clipboardData }: ClipboardEvent) => {
      const pasted = clipboardData?.files[0];
      if (pasted) onFile(pasted);
    };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  }, [onFile]);

  return (
    <div class="pictures">
      <section
        aria-label="Picture"
        class={`drop ${isOver ? "is-over" : ""} ${result ? "has-result" : ""}`}
        {...handlers}
      >
        <LiveRegion>{result && <PictureResult result={result} isBusy={isBusy} />}</LiveRegion>
        {!result && (
          <div class="welcome">
            <Icon name="picture" />
            <h2>Drop a picture here</h2>
            <p>or paste one, or choose a file: JPEG, PNG, BMP or WebP, up to 16 MB.</p>
          </div>
        )}
        {isBusy && !result && (
          <p class="busy">
            <i aria-hidden="true" />
            Tracking
          </p>
        )}
        {failure && (
          <ErrorNotice title={failureText(failure).title} text={failureText(failure).advice}>
            {failure.retryAfterS > 0 && (
              <p>
                <Countdown delayMs={failure.retryAfterS * 1000} />
              </p>
            )}
            <button type="button" class="button" onClick={dismissFailure}>
              Close
            </button>
          </ErrorNotice>
        )}
      </section>
      <section class="toolbar card" aria-label="Choose and save">
        <FileButton
          label="Choose a picture"
          icon="picture"
          accept="image/jpeg,image/png,image/bmp,image/webp"
          inputLabel="Picture file"
          isPrimary
          onFile={onFile}
        />
        <span class="space" />
        {result && <Downloads picture={result} />}
      </section>
      <SettingsPanel settings={settings} info={info} isStill={true} onChange={changeSettings} />
    </div>
  );
}

function Downloads({ picture: { name, url, json } }: { picture: AnnotatedPicture }) {
  return (
    <>
      <a class="button" href={url} download={`${name}-annotated.jpg`}>
        <Icon name="download" />
        Picture
      </a>
      <a
        class="button"
        href={`data:application/json,${encodeURIComponent(JSON.stringify(json))}`}
        download={`${name}-landmarks.json`}
      >
        <Icon name="download" />
        JSON
      </a>
      <CopyButton label="Copy JSON" isDisabled={false} text={() => JSON.stringify(json)} />
    </>
  );
}
