"""The palette. Sides and parts differ in lightness as well as in hue, so that colour-blind people tell them apart."""

from functools import cache

Colour = tuple[int, int, int]
"""R, G, B; 0..255."""

WHITE: Colour = (255, 255, 255)
SHADE: Colour = (24, 26, 32)
"The dark outline (casing) of bright lines, which keeps them readable on a bright background."
RED: Colour = (235, 40, 40)

# Orange and blue are the pair that every common colour blindness keeps apart (Okabe and Ito, "Color Universal Design").
LEFT_ARM: Colour = (255, 176, 32)
LEFT_LEG: Colour = (226, 100, 16)
RIGHT_ARM: Colour = (84, 190, 255)
RIGHT_LEG: Colour = (32, 116, 214)
TORSO: Colour = (236, 238, 242)
HEAD: Colour = (190, 226, 160)

THUMB: Colour = (255, 214, 0)
INDEX: Colour = (170, 70, 240)
MIDDLE: Colour = (0, 214, 240)
RING: Colour = (40, 200, 80)
LITTLE: Colour = (244, 50, 50)

LIPS: Colour = (255, 110, 130)
FACE_LINE: Colour = (228, 232, 240)
MESH: Colour = (214, 240, 244)
IRIS: Colour = (120, 255, 220)

# What the colours of other people than person 0 are mixed with.
PERSON_1: Colour = (240, 100, 200)
PERSON_2: Colour = (60, 220, 140)
PERSON_3: Colour = (250, 230, 70)
_PEOPLE = (PERSON_1, PERSON_2, PERSON_3)
_SHARE_PERCENT = 55
"""Of the person's colour in the mixture: the rest tells left and right, and fingers, apart."""


@cache
def colour_of_person(colour: Colour, person: int) -> Colour:
    """Return a colour of the palette as a person has it; dark outlines are everybody's."""
    if person == 0 or colour == SHADE:
        return colour
    red, green, blue = (
        (own * (100 - _SHARE_PERCENT) + persons * _SHARE_PERCENT + 50) // 100
        for own, persons in zip(colour, _PEOPLE[(person - 1) % len(_PEOPLE)], strict=True)
    )
    return red, green, blue
