import type { Settings } from "./generated";

/** The settings as the query of `POST .../publish` and `POST /v1/images`; an empty overlay is sent, as it means none. */
export function settingsQuery(settings: Settings): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined) query.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  return query;
}
