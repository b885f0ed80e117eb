import { storedFile } from "./storedFile";

/** The VRM that the person gave on any page of this origin; all its pages show it. */
export const storedAvatar = storedFile("avatar");
