/** Half the width, height and depth of head, chest and hips of the skeleton at rest, metres: docs/wire-format.md. */
export const REST_SIZES = [
  [0.066, 0.111, 0.064],
  [0.15, 0.19, 0.115],
  [0.16, 0.12, 0.12],
] as const;
