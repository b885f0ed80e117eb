import type { AnnotatedPicture } from "./useAnnotatedPicture";

const PARTS: [string, string][] = [
  ["pose", "Body"],
  ["face", "Face"],
  ["left_hand", "Left hand"],
  ["right_hand", "Right hand"],
];

/** The annotated picture and what was found in it. */
export function PictureResult({ result, isBusy }: { result: AnnotatedPicture; isBusy: boolean }) {
  const { json, url, name } = result;
  const found = PARTS.filter(([part]) => json[part]).map(([, label]) => label);
  const summary = found.length > 0 ? found.join(", ") : "Nobody was found";
  return (
    <figure class={isBusy ? "is-busy" : ""} aria-busy={isBusy}>
      <img src={url} alt={`${name}, annotated`} />
      <figcaption>
        {summary} · {String(json.width)} × {String(json.height)} · {Number(json.tracking_ms).toFixed(0)} ms
      </figcaption>
    </figure>
  );
}
