/** What a room tells of each frame: where the landmarks are, how the avatar moves, and what the motion means. */
export type StreamName = "landmarks" | "rig" | "analysis";
