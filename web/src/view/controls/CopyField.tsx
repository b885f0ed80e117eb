import { CopyButton } from "./CopyButton";

interface Props {
  readonly label: string;
  readonly text: string;
  onCopy?(): void;
}

/** An address or a command, to be read, selected and copied. */
export function CopyField({ label, text, onCopy }: Props) {
  return (
    <div class="copy-line">
      <input
        type="text"
        readOnly
        value={text}
        aria-label={label}
        onFocus={({ currentTarget }) => currentTarget.select()}
        onCopy={onCopy}
      />
      <CopyButton
        label="Copy"
        isDisabled={false}
        text={() => {
          onCopy?.();
          return text;
        }}
      />
    </div>
  );
}
