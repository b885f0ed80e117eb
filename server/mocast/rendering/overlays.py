"""The overlays by name, each imported when it is first used."""

from functools import cache
from importlib import import_module
from typing import Protocol, cast

from mocast.model.canvas import Canvas
from mocast.model.tracked import Tracked

OVERLAYS = {
    "classic": "mocast.rendering.classic:Classic",
    "limbs": "mocast.rendering.limbs:Limbs",
    "rainbow": "mocast.rendering.rainbow:Rainbow",
    "mesh": "mocast.rendering.mesh:Mesh",
    "contours": "mocast.rendering.contours:Contours",
    "hud": "mocast.rendering.hud:Hud",
}
"""Name → ``module:Class``."""


class Overlay(Protocol):
    """Something that draws landmarks. Without state, so that rooms can share it."""

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on ``canvas.rgb`` in place."""


@cache
def overlay(name: str) -> Overlay:
    """Return the overlay of that name; ``KeyError`` where there is none."""
    module, _, attribute = OVERLAYS[name].partition(":")
    return cast(Overlay, getattr(import_module(module), attribute)())
