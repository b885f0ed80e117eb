import type { Settings } from "mocast-client";

/**
 * Sends changes one at a time: while one is on its way the next ones are merged, so that a slider that is dragged makes no
 * queue and its last position always arrives.
 */
export class SettingsSender {
  private merged: Settings = {};
  private isSending = false;

  constructor(private readonly send: (settings: Settings) => Promise<unknown>) {}

  /** Whether the server does not know the newest change yet. */
  get isBusy(): boolean {
    return this.isSending;
  }

  change(settings: Settings): void {
    Object.assign(this.merged, settings);
    if (!this.isSending) void this.drain();
  }

  private async drain(): Promise<void> {
    this.isSending = true;
    while (Object.keys(this.merged).length > 0) {
      const next = this.merged;
      this.merged = {};
      await this.send(next);
    }
    this.isSending = false;
  }
}
