import { type OutputKind, outputPorts } from "../api/generated";

/**
 * The `mocast bridge` command, for the machine where the apps run, each at its default port: docs/avatars.md. `page`: the
 * address of this page.
 */
export function bridgeCommand(page: string, room: string, apps: readonly OutputKind[]): string {
  const address = new URL(`./?room=${encodeURIComponent(room)}`, page);
  // Quoted: a question mark is a pattern to some shells.
  const flags = apps.map((app) => `--${app} 127.0.0.1:${outputPorts[app]}`);
  return [`mocast bridge "${address}"`, ...flags].join(" ");
}
