"""The renderer of the returned picture: background, privacy, overlays, mirror, HUD, in this order."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from mocast.model.canvas import Canvas, HudStats
from mocast.model.frame import RgbImage
from mocast.model.options import DrawOptions
from mocast.model.tracked import NO_FACES, FaceBoxes, Landmarks, Tracked
from mocast.rendering.overlays import overlay
from mocast.rendering.pen import touched_box
from mocast.rendering.privacy import PrivacyGuard, cover

DIM = 0.35
"""The brightness that background ``dim`` leaves: the room stays visible and every colour stands out."""


class Renderer:
    """Draws the frames of one stream, in order: it remembers covered faces. Each still picture needs a new one."""

    def __init__(self) -> None:
        self._guard = PrivacyGuard()

    def render(
        self,
        rgb: RgbImage,
        tracked: Tracked,
        options: DrawOptions,
        stats: HudStats | None = None,
        faces: FaceBoxes = NO_FACES,
    ) -> RgbImage:
        """Return the finished picture, of the same size. It owns ``rgb`` from now on and draws in place where it can.

        ``tracked`` and its ``others`` are drawn, each person in colours of their own. ``faces``: those of all people,
        which privacy covers besides the tracked ones.
        Overlays do not draw on the top 20 rows, which are the HUD's; background and privacy do.
        """
        picture = np.require(rgb, requirements=["C", "W"])
        _lay_background(picture, options)
        self._cover_faces(picture, tracked, options, faces)
        _draw_overlays(Canvas(picture, options, stats), tracked)
        if options.mirror:
            picture = cv2.flip(picture, 1).astype(np.uint8, copy=False)
        if stats is not None:
            overlay("hud").draw(Canvas(picture, options, stats), tracked)
        return picture

    def _cover_faces(self, picture: RgbImage, tracked: Tracked, options: DrawOptions, faces: FaceBoxes) -> None:
        if options.privacy == "off":
            return
        height, width = picture.shape[:2]
        for outline in self._guard.regions(tracked, (width, height), faces):
            cover(picture, outline, options.privacy)


def _lay_background(picture: RgbImage, options: DrawOptions) -> None:
    if options.background == "black":
        picture.fill(0)
    elif options.background == "dim":
        cv2.convertScaleAbs(picture, dst=picture, alpha=DIM)


def _draw_overlays(canvas: Canvas, tracked: Tracked) -> None:
    opacity = canvas.options.opacity
    people = [person for person in tracked.people if not person.is_empty]
    if opacity <= 0 or not people or not canvas.options.overlay:
        return
    area = before = None
    if opacity < 1:
        area = canvas.rgb[touched_box([image for person in people for image in _landmarks(person)], canvas)]
        before = area.copy()
    for person in people:
        own = replace(canvas, person=person.person) if person.person else canvas
        for name in canvas.options.overlay:
            overlay(name).draw(own, person)
    if area is not None and before is not None and area.size:
        cv2.addWeighted(area, opacity, before, 1 - opacity, 0, dst=area)


def _landmarks(tracked: Tracked) -> Iterator[Landmarks]:
    for part in (tracked.pose, tracked.face, tracked.left_hand, tracked.right_hand):
        if part is not None:
            yield part.image
