import { vi } from "vitest";

/** Wait until `check` does not throw, as long as that takes on a busy machine. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 60_000 });
}
