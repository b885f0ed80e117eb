import { type AllSettings, settingsDefaults } from "../api/generated";

/** The server's defaults, but mirrored: people who see themselves expect a mirror. */
export const defaultSettings: AllSettings = { ...settingsDefaults, mirror: true };
