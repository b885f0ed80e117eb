/** What a room tells of each frame: where the landmarks are, and how the avatar moves. */
export type StreamName = "landmarks" | "rig";
