import { keptFile } from "./keptFile";

/** The avatar that the person gave, on whichever page; the other pages of this browser show it, too. */
export const keptAvatar = keptFile("avatar");
