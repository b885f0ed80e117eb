import { storage } from "../storage/storage";

/** This tab's room: the one that its address names, else the tab's last one, else the one whose address was copied, else a random one. */
export function tabRoom(asked: string | null): string {
  return asked ?? storage.loadTab()?.room ?? storage.load<string>("room") ?? randomRoom();
}

function randomRoom(): string {
  // Not crypto.randomUUID: it is missing on pages that are not secure, which still can send a file.
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(36).padStart(2, "0"),
  ).join("");
}
