import { useId } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly hint: string;
  text(value: number): string;
  onChange(value: number): void;
}

/** A number between two bounds. */
export function Slider({ label, value, min, max, step, hint, text, onChange }: Props) {
  const id = useId();
  return (
    <div class="field slider" title={hint}>
      <label for={id}>{label}</label>
      <output for={id}>{text(value)}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text(value)}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
