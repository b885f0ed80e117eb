import { useState } from "preact/hooks";
import { Icon } from "./Icon";

interface Props {
  readonly label: string;
  readonly isDisabled: boolean;
  text(): string;
}

/** A button that copies a text to the clipboard, and says so. */
export function CopyButton({ label, isDisabled, text }: Props) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await write(text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1600);
  };
  return (
    <button type="button" class="button is-small" disabled={isDisabled} onClick={copy}>
      <Icon name={isCopied ? "check" : "copy"} />
      <span aria-live="polite">{isCopied ? "Copied" : label}</span>
    </button>
  );
}

async function write(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages that are not secure have no clipboard of their own, and some browsers refuse it.
    writeBySelection(text);
  }
}

function writeBySelection(text: string): void {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
