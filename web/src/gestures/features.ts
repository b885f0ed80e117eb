/** How many numbers tell a hand's shape and how it is held, in `features` of an analysis... */
export const featureCount = 26;
/** ...and how many of them, the first ones, are its shape. */
export const shapeFeatureCount = 19;
