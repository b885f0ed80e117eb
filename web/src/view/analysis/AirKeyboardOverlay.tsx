import { useEffect, useRef, useState } from "preact/hooks";
import type { ActiveZone } from "../../air/ActiveZone";
import { AirKeyboard, type KeyboardHand, type KeyboardState } from "../../air/AirKeyboard";
import type { Key } from "../../air/Key";
import type { AnalysisController } from "../../state/AnalysisController";
import { CopyButton } from "../controls/CopyButton";
import { Icon } from "../controls/Icon";

interface Props {
  readonly analysis: AnalysisController;
  readonly zone: ActiveZone;
  onClose(): void;
}

/** How long a pressed key lights up. */
const FLASH_MS = 150;

/** A keyboard over the picture that hands type on, and the mouse as well. */
export function AirKeyboardOverlay({ analysis, zone, onClose }: Props) {
  const [keyboard] = useState(() => new AirKeyboard(zone));
  const [shown, setShown] = useState<KeyboardState>(() => keyboard.state());
  const cursors = { leftHand: useRef<HTMLElement>(null), rightHand: useRef<HTMLElement>(null) };
  const [flashing, flash] = useFlash();
  keyboard.zone = zone;
  useEffect(
    () =>
      analysis.follow((frame) => {
        const state = keyboard.update(frame);
        if (!state) return;
        move(cursors.leftHand.current, state.leftHand);
        move(cursors.rightHand.current, state.rightHand);
        for (const { id } of state.pressed) flash(id);
        // Keys are drawn again only when they look different.
        setShown((before) => (looksLike(before, state) ? before : state));
      }),
    [analysis, keyboard],
  );
  const press = (key: Key) => {
    keyboard.press(key);
    flash(key.id);
    setShown(keyboard.state());
  };
  const hovered = [shown.leftHand?.key?.id, shown.rightHand?.key?.id];
  return (
    <div class="air">
      <div class="air-text">
        <output aria-label="What you typed">{shown.text}</output>
        <small>{shown.wordsPerMinute === null ? "" : `${Math.round(shown.wordsPerMinute)} words/min`}</small>
        <CopyButton label="Copy" isDisabled={!shown.text} text={() => shown.text} />
        <button
          type="button"
          class="button is-small is-icon"
          aria-label="Close the keyboard"
          title="Close the keyboard"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <section class="air-keys" aria-label="Keyboard">
        {shown.keys.map((key) => (
          <button
            key={key.id}
            type="button"
            class={`${hovered.includes(key.id) ? "is-hovered" : ""} ${flashing.includes(key.id) ? "is-pressed" : ""} ${key.action.is === "word" ? "is-word" : ""}`}
            style={{
              left: `${100 * key.x}%`,
              top: `${100 * key.y}%`,
              width: `${100 * key.width}%`,
              height: `${100 * key.height}%`,
            }}
            onClick={() => press(key)}
          >
            <span>{key.label}</span>
          </button>
        ))}
        <i ref={cursors.leftHand} class="cursor" hidden />
        <i ref={cursors.rightHand} class="cursor" hidden />
      </section>
    </div>
  );
}

/** Which keys light up, and what lights one up for a moment. */
function useFlash(): [readonly string[], (id: string) => void] {
  const [flashing, setFlashing] = useState<readonly string[]>([]);
  const flash = (id: string) => {
    setFlashing((before) => [...before, id]);
    setTimeout(() => setFlashing((before) => before.filter((_, at) => at !== before.indexOf(id))), FLASH_MS);
  };
  return [flashing, flash];
}

/** Move a cursor without drawing anything else again. */
function move(cursor: HTMLElement | null, hand: KeyboardHand | null): void {
  if (!cursor) return;
  cursor.hidden = !hand;
  if (!hand) return;
  cursor.style.left = `${100 * hand.pointer.x}%`;
  cursor.style.top = `${100 * hand.pointer.y}%`;
  cursor.classList.toggle("is-pinched", hand.pointer.isPinched);
}

function looksLike(one: KeyboardState, other: KeyboardState): boolean {
  return (
    one.keys === other.keys &&
    one.text === other.text &&
    one.leftHand?.key?.id === other.leftHand?.key?.id &&
    one.rightHand?.key?.id === other.rightHand?.key?.id
  );
}
