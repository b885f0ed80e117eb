/** The top rows of the picture, on which no overlay draws: they are those of the figures (`hud`). */
export const FREE_ROWS = 20;
