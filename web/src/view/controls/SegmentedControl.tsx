import { useId } from "preact/hooks";

export interface SegmentLabel {
  readonly label: string;
  readonly hint?: string;
}

interface Props<Value extends string> {
  readonly legend: string;
  /** How each value is shown, in the order of the segments. */
  readonly labels: Readonly<Record<Value, SegmentLabel>>;
  /** The values to choose from, where it is not all of `labels`. */
  readonly values?: readonly Value[];
  readonly value: Value;
  /** Said below, such as why something has no effect. */
  readonly remark?: string;
  onChoose(value: Value): void;
}

/** One of a few values, as a row of radio buttons that looks like one control. */
export function SegmentedControl<Value extends string>(props: Props<Value>) {
  const { legend, labels, values = Object.keys(labels) as Value[], remark, onChoose } = props;
  const name = useId();
  return (
    <fieldset class="field segmented">
      <legend>{legend}</legend>
      <div class="segments">
        {values.map((value) => {
          // A newer server may offer what this page does not know.
          const { label, hint } = labels[value] ?? { label: value };
          return (
            <label key={value} title={hint}>
              <input
                type="radio"
                name={name}
                value={value}
                checked={value === props.value}
                onChange={() => onChoose(value)}
              />
              <span>{label}</span>
            </label>
          );
        })}
      </div>
      {remark && <small>{remark}</small>}
    </fieldset>
  );
}
