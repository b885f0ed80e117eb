/** How much of the avatar the picture shows. */
export type Framing = "face" | "bust" | "full";
