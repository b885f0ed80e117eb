import { type OutputKind, outputPorts } from "mocast-client";

/** The `mocast bridge` command for a room's address, for the machine where the apps run, each at its default port: docs/avatars.md. */
export function bridgeCommand(address: string, apps: readonly OutputKind[]): string {
  const flags = apps.map((app) => `--${app} 127.0.0.1:${outputPorts[app]}`);
  // Quoted: a question mark is a pattern to some shells.
  return [`mocast bridge "${address}"`, ...flags].join(" ");
}
