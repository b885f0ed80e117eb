import { useEffect, useState } from "preact/hooks";
import { Failure } from "../rtc/Failure";
import type { Settings } from "../rtc/Settings";
import { defaultSettings } from "../studio/defaultSettings";
import { memory } from "../studio/memory";
import { requestPicture } from "../studio/requestPicture";
import type { Studio } from "../studio/Studio";
import { CopyButton } from "./CopyButton";
import { FileButton } from "./FileButton";
import { failureText } from "./failureText";
import { Icon } from "./Icon";
import { PictureResult } from "./PictureResult";
import { SettingsPanel } from "./SettingsPanel";
import { useFileDrop } from "./useFileDrop";
import { useStore } from "./useStore";

const SETTLE_MS = 250;

export interface Result {
  readonly name: string;
  readonly url: string;
  /** The server's JSON answer. */
  readonly json: Record<string, unknown>;
}

interface Props {
  readonly studio: Studio;
  readonly file: File | null;
  onFile(file: File): void;
}

/** A picture in the camera's place: its landmarks and the annotated picture, to see and to download. */
export function PicturesPage({ studio, file, onFile }: Props) {
  const info = useStore(studio.info);
  // Its own: what is tried on a picture must not change a live session.
  const [settings, setSettings] = useState(recalledSettings);
  const [result, setResult] = useState<Result | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const { isOver, handlers } = useFileDrop(onFile);

  useEffect(() => {
    const onPaste = ({ clipboardData }: ClipboardEvent) => {
      const pasted = clipboardData?.files[0];
      if (pasted) onFile(pasted);
    };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  }, [onFile]);

  useEffect(() => {
    if (!file) return;
    const aborter = new AbortController();
    // A slider that is dragged must not send the picture at each of its steps.
    const timer = setTimeout(async () => {
      setBusy(true);
      try {
        const answers = await Promise.all([
          requestPicture(file, settings, "application/json", aborter.signal).then((answer) => answer.json()),
          requestPicture(file, settings, "image/jpeg", aborter.signal).then((answer) => answer.blob()),
        ]);
        const [json, picture] = answers as [Record<string, unknown>, Blob];
        if (aborter.signal.aborted) return;
        setResult({ name: file.name.replace(/\.\w+$/, ""), url: URL.createObjectURL(picture), json });
        setFailure(null);
      } catch (error) {
        if (aborter.signal.aborted) return;
        setFailure(error instanceof Failure ? error : new Failure("refused", String(error)));
      }
      setBusy(false);
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [file, settings]);

  useEffect(() => () => void (result && URL.revokeObjectURL(result.url)), [result]);

  return (
    <div class="pictures">
      <section
        aria-label="Picture"
        class={`drop ${isOver ? "is-over" : ""} ${result ? "has-result" : ""}`}
        {...handlers}
      >
        {result && <PictureResult result={result} isBusy={isBusy} />}
        {!result && (
          <div class="welcome">
            <Icon name="picture" />
            <h1>Drop a picture here</h1>
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
          <div class="card notice" role="alert">
            <Icon name="warning" />
            <h2>{failureText(failure).title}</h2>
            <p>{failureText(failure).advice}</p>
            <div class="row">
              <button type="button" class="button" onClick={() => setFailure(null)}>
                Close
              </button>
            </div>
          </div>
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
        {result && (
          <>
            <a class="button" href={result.url} download={`${result.name}-annotated.jpg`}>
              <Icon name="download" />
              Picture
            </a>
            <a
              class="button"
              href={`data:application/json,${encodeURIComponent(JSON.stringify(result.json))}`}
              download={`${result.name}-landmarks.json`}
            >
              <Icon name="download" />
              JSON
            </a>
            <CopyButton label="Copy JSON" isDisabled={false} text={() => JSON.stringify(result.json)} />
          </>
        )}
      </section>
      <SettingsPanel
        settings={settings}
        info={info}
        isStill={true}
        onChange={(change) => {
          const changed = { ...settings, ...change };
          memory.keep("picture-settings", changed);
          setSettings(changed);
        }}
      />
    </div>
  );
}

/** What was last used for pictures, else the defaults; a camera is a mirror, a photo is not. */
function recalledSettings(): Settings {
  return { ...defaultSettings, mirror: false, ...memory.recall<Settings>("picture-settings") };
}
