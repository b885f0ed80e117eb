/** The top rows of the picture, on which no overlay draws: they are for text (`hud`). */
export const FREE_ROWS = 20;
