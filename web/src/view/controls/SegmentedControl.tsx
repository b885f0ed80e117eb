import { useId } from "preact/hooks";

export interface SegmentOption {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
  readonly isDisabled?: boolean;
}

interface Props {
  readonly legend: string;
  readonly options: readonly SegmentOption[];
  readonly value: string;
  /** Said below; why something cannot be chosen, or has no effect. */
  readonly remark?: string;
  onChoose(value: string): void;
}

/** One of a few options, as a row of radio buttons that looks like one control. */
export function SegmentedControl({ legend, options, value, remark, onChoose }: Props) {
  const name = useId();
  return (
    <fieldset class="field segmented">
      <legend>{legend}</legend>
      <div class="segments">
        {options.map((option) => (
          <label key={option.value} title={option.hint}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              disabled={option.isDisabled}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      {remark && <small>{remark}</small>}
    </fieldset>
  );
}
