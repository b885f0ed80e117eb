import { vi } from "vitest";

/** Put an empty store in the place of one of the browser's; return what is kept there. */
export function stubStorage(area: "localStorage" | "sessionStorage" = "localStorage"): Map<string, string> {
  const stored = new Map<string, string>();
  vi.stubGlobal(area, {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
  return stored;
}
