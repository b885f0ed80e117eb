import { useId } from "preact/hooks";

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
  readonly isDisabled?: boolean;
}

interface Props {
  readonly legend: string;
  readonly options: readonly Option[];
  readonly value: string;
  /** Said below; why something cannot be chosen, or has no effect. */
  readonly remark?: string;
  onChoose(value: string): void;
}

/** One of a few, as a row of radio buttons that looks like one control. */
export function Choice({ legend, options, value, remark, onChoose }: Props) {
  const name = useId();
  return (
    <fieldset class="field choice">
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
