import type { AllSettings } from "mocast-client";
import { useEffect, useState } from "preact/hooks";
import { requestPicture } from "../../api/requestPicture";
import { Failure } from "../../Failure";

/** A slider that is dragged must not send the picture at each of its steps. */
const DEBOUNCE_MS = 250;

export interface AnnotatedPicture {
  /** The file's, without its ending. */
  readonly name: string;
  /** A `blob:` address of the annotated picture. */
  readonly url: string;
  /** The server's JSON answer. */
  readonly json: Record<string, unknown>;
}

interface Annotation {
  /** The last picture that was annotated; `null` before the first. */
  readonly result: AnnotatedPicture | null;
  /** Why the last request failed. */
  readonly failure: Failure | null;
  readonly isBusy: boolean;
  dismissFailure(): void;
}

/**
 * Has the server annotate a picture, again whenever the file or the settings change, and when a server that asked for
 * patience wants to be asked again.
 */
export function useAnnotatedPicture(file: File | null, settings: AllSettings): Annotation {
  const [result, setResult] = useState<AnnotatedPicture | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    if (!file) return;
    const aborter = new AbortController();
    const attempt = async () => {
      setBusy(true);
      try {
        const picture = await annotate(file, settings, aborter.signal);
        if (aborter.signal.aborted) return;
        setResult(picture);
        setFailure(null);
      } catch (error) {
        if (aborter.signal.aborted) return;
        const failure = Failure.from(error);
        setFailure(failure);
        if (failure.retryAfterS > 0) timer = setTimeout(attempt, failure.retryAfterS * 1000);
      }
      setBusy(false);
    };
    let timer = setTimeout(attempt, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [file, settings]);

  useEffect(() => () => void (result && URL.revokeObjectURL(result.url)), [result]);

  return { result, failure, isBusy, dismissFailure: () => setFailure(null) };
}

async function annotate(file: File, settings: AllSettings, signal: AbortSignal): Promise<AnnotatedPicture> {
  const [json, picture] = await Promise.all([
    requestPicture(file, settings, "application/json", signal).then((answer) => answer.json()),
    requestPicture(file, settings, "image/jpeg", signal).then((answer) => answer.blob()),
  ]);
  return {
    name: file.name.replace(/\.\w+$/, ""),
    url: URL.createObjectURL(picture),
    json: json as Record<string, unknown>,
  };
}
