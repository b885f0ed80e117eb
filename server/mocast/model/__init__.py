"""The model that all other packages share: frames, landmarks, rigs and options. Imports numpy only.

Coordinate spaces
-----------------
*Image*: x to the right and y down, normalised by the picture's width and height (0..1 inside it, beyond outside of it);
z toward the camera is negative, on x's scale (divided by the width). Origin: the picture's top left corner.

*World*: metres, x to the image's right, y down, z negative toward the camera. The origin is the middle of the hips
for the pose and the hand's own centre for a hand.

Left and right are the **subject's**, as if the camera did not mirror. Mirroring is a choice of display, made at the
edge (by the renderer, or by whoever draws); arrays in the model are never mirrored.
"""
