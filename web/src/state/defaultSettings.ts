import { type AllSettings, settingsDefaults } from "mocast-client";

/** The server's defaults, but mirrored: people who see themselves expect a mirror. */
export const defaultSettings: AllSettings = { ...settingsDefaults, mirror: true };
