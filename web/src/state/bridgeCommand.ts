import type { OutputKind } from "../api/generated";

/** The apps' own default addresses, as `mocast bridge` takes them. */
const OPTIONS: Record<OutputKind, string> = {
  vmc: "--vmc 127.0.0.1:39539",
  vts: "--vts",
  ifacialmocap: "--ifacialmocap 127.0.0.1:49983",
};

/** The `mocast bridge` command, for the machine where the apps run: docs/avatars.md. */
export function bridgeCommand(origin: string, room: string, apps: readonly OutputKind[]): string {
  // Quoted: a question mark is a pattern to some shells.
  const url = `"${origin}/?room=${encodeURIComponent(room)}"`;
  return ["mocast bridge", url, ...apps.map((app) => OPTIONS[app])].join(" ");
}
