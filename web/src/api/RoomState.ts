/** What the server says about a room (docs/http-api.md), as far as a viewer needs it. */
export interface RoomState {
  readonly room: string;
  /** `null` while nobody publishes in it. */
  readonly publisher: { readonly since?: string; readonly state?: string } | null;
  readonly viewers?: number;
}
