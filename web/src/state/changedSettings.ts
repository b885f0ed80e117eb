import type { AllSettings, Settings } from "mocast-client";

/** The settings of `after` that differ from those of `before`. */
export function changedSettings(before: AllSettings, after: AllSettings): Settings {
  const names = Object.keys(after) as (keyof AllSettings)[];
  const isChanged = (name: keyof AllSettings) => String(before[name]) !== String(after[name]);
  return Object.fromEntries(names.filter(isChanged).map((name) => [name, after[name]]));
}
