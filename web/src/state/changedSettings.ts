import type { Settings } from "../api/Settings";

/** The settings of `after` that differ from those of `before`. */
export function changedSettings(before: Settings, after: Settings): Partial<Settings> {
  const names = Object.keys(after) as (keyof Settings)[];
  const isChanged = (name: keyof Settings) => String(before[name]) !== String(after[name]);
  return Object.fromEntries(names.filter(isChanged).map((name) => [name, after[name]]));
}
