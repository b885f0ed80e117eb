/** The address of this page for a room, without a token. `page`: the address of this page, whatever it holds. */
export function roomAddress(page: string, room: string): string {
  return new URL(`./?room=${encodeURIComponent(room)}`, page).href;
}
