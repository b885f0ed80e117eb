import { useId } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly value: number;
  readonly bounds: { readonly minimum: number; readonly maximum: number };
  readonly step: number;
  readonly hint: string;
  text(value: number): string;
  onChange(value: number): void;
}

/** A number between two bounds. */
export function Slider({ label, value, bounds, step, hint, text, onChange }: Props) {
  const id = useId();
  return (
    <div class="field slider" title={hint}>
      <label for={id}>{label}</label>
      <output for={id}>{text(value)}</output>
      <input
        id={id}
        type="range"
        min={bounds.minimum}
        max={bounds.maximum}
        step={step}
        value={value}
        aria-valuetext={text(value)}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
