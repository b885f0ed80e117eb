/** The colours of the server's overlays (`mocast.rendering.colours`), so that the figure wears the picture's. */
export const palette = {
  head: 0xbee2a0,
  torso: 0xeceef2,
  leftArm: 0xffb020,
  rightArm: 0x54beff,
  leftLeg: 0xe26410,
  rightLeg: 0x2074d6,
  palm: 0xffffff,
  thumb: 0xffd600,
  index: 0xaa46f0,
  middle: 0x00d6f0,
  ring: 0x28c850,
  little: 0xf43232,
  face: 0xdfe6ee,
  lips: 0xff6e82,
  iris: 0x78ffdc,
} as const;
