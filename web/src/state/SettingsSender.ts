import type { Settings } from "../api/generated";

/**
 * Sends changes one at a time: while one is on its way the next ones are gathered, so that a slider that is dragged
 * makes no queue and its last position always arrives.
 */
export class SettingsSender {
  private gathered: Settings = {};
  private isSending = false;

  constructor(private readonly send: (settings: Settings) => Promise<unknown>) {}

  /** Whether the server does not know the newest change yet. */
  get isBusy(): boolean {
    return this.isSending;
  }

  change(settings: Settings): void {
    Object.assign(this.gathered, settings);
    if (!this.isSending) void this.drain();
  }

  private async drain(): Promise<void> {
    this.isSending = true;
    while (Object.keys(this.gathered).length > 0) {
      const next = this.gathered;
      this.gathered = {};
      await this.send(next);
    }
    this.isSending = false;
  }
}
