import type { Overlay } from "mocast-client";

const HINTS: Record<Overlay[number], string> = {
  classic: "Red joints, white bones",
  limbs: "A colour for each part of the body, left and right told apart",
  rainbow: "A colour for each finger",
  mesh: "The face as a net",
  contours: "The face's outlines and irises",
};

interface Props {
  readonly overlays: Overlay;
  readonly chosen: Overlay;
  onChoose(chosen: Overlay): void;
}

/** The overlays over the picture; any of them can be combined. */
export function OverlayPicker({ overlays, chosen, onChoose }: Props) {
  const toggle = (overlay: Overlay[number]) =>
    // In the server's order, whatever the order of the clicks: that is the order of drawing.
    onChoose(overlays.filter((other) => (other === overlay) !== chosen.includes(other)));
  return (
    <fieldset class="field">
      <legend>Overlays</legend>
      <div class="chips">
        {overlays.map((overlay) => (
          <label key={overlay} class={`chip is-${overlay}`} title={HINTS[overlay]}>
            <input type="checkbox" checked={chosen.includes(overlay)} onChange={() => toggle(overlay)} />
            <span>
              <i aria-hidden="true" />
              {overlay[0].toUpperCase() + overlay.slice(1)}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
