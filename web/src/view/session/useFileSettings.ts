import type { AllSettings } from "mocast-client";
import { useState } from "preact/hooks";
import { defaultSettings } from "../../state/defaultSettings";
import { storage } from "../../storage/storage";

/**
 * The settings of a page for files, and the function that changes some of them: what was last used there, else the
 * defaults. A camera is a mirror, a photo or a film is not.
 */
export function useFileSettings(
  name: "picture-settings" | "video-settings",
): [AllSettings, (change: Partial<AllSettings>) => void] {
  const [settings, setSettings] = useState(() => ({
    ...defaultSettings,
    mirror: false,
    ...storage.load<AllSettings>(name),
  }));
  const change = (some: Partial<AllSettings>) => {
    const changed = { ...settings, ...some };
    storage.save(name, changed);
    setSettings(changed);
  };
  return [settings, change];
}
