import { useRef } from "preact/hooks";
import { Icon, type IconName } from "./Icon";

interface Props {
  readonly label: string;
  readonly icon: IconName;
  /** As `accept` of a file input. */
  readonly accept: string;
  /** What the input is called to screen readers, where the button's label does not say enough. */
  readonly inputLabel?: string;
  readonly isPrimary?: boolean;
  onFile(file: File): void;
}

/** A button that lets the person choose a file. */
export function FileButton({ label, icon, accept, inputLabel, isPrimary, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class={`button ${isPrimary ? "is-primary" : ""}`}
        onClick={() => input.current?.click()}
      >
        <Icon name={icon} />
        {label}
      </button>
      <input
        ref={input}
        type="file"
        accept={accept}
        class="for-readers"
        tabIndex={-1}
        aria-label={inputLabel ?? label}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
    </>
  );
}
