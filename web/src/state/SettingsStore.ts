import { type AllSettings, MocastError, type Publisher, type Settings } from "mocast-client";
import { Failure } from "../Failure";
import { storage } from "../storage/storage";
import { defaultSettings } from "./defaultSettings";
import { SettingsSender } from "./SettingsSender";
import { Store } from "./Store";

/** The settings as the page shows them: kept by the browser, told to the session while there is one. */
export class SettingsStore extends Store<AllSettings> {
  /** What the server said last that it has. */
  private confirmed: AllSettings | null = null;
  private readonly sender = new SettingsSender((settings) => this.send(settings));

  /** `onRefused`: the server did not take a change, and the page shows again what the server has. */
  constructor(
    private readonly publisher: Store<Publisher | null>,
    private readonly onRefused: (failure: Failure) => void,
  ) {
    const mirror = storage.load<boolean>("mirror") ?? defaultSettings.mirror;
    super({ ...defaultSettings, ...storage.load<AllSettings>("settings"), mirror });
  }

  change(settings: Settings): void {
    this.update((now) => ({ ...now, ...settings }));
    storage.save("settings", this.value);
    this.tell(settings);
  }

  /** Change settings of the session alone, for a while that the page does not show. */
  tell(settings: Settings): void {
    if (this.publisher.value) this.sender.change(settings);
  }

  /** The server says what it has; a change that is on its way holds all the same. */
  confirm(settings: AllSettings): void {
    this.confirmed = settings;
    if (!this.sender.isBusy) this.set(knownSettings(settings));
  }

  private async send(settings: Settings): Promise<void> {
    try {
      await this.publisher.value?.change(settings);
    } catch (error) {
      // What ended the session is shown as its failure.
      if (!(error instanceof MocastError) || error.kind !== "refused" || !this.publisher.value) return;
      this.onRefused(Failure.from(error));
      if (this.confirmed) this.set(knownSettings(this.confirmed));
    }
  }
}

/** The settings that this page knows; a newer server may have more. */
function knownSettings(settings: AllSettings): AllSettings {
  const known = { ...defaultSettings } as Record<string, unknown>;
  for (const name of Object.keys(known)) {
    if (name in settings) known[name] = settings[name as keyof AllSettings];
  }
  return known as unknown as AllSettings;
}
