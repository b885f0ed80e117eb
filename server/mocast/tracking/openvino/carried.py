"""Where something is by now that was found in an earlier frame, if it moved with something that is known in both."""

import math

from mocast.tracking.openvino.region import Region


def carried(found: Region, before: Region, now: Region) -> Region:
    """Return ``found`` moved, turned and scaled as ``before`` was to become ``now``."""
    scale, angle = now.size / before.size, now.angle - before.angle
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    x, y = found.x - before.x, found.y - before.y
    turned = math.remainder(found.angle + angle, 2 * math.pi)
    return Region(now.x + cos * x - sin * y, now.y + sin * x + cos * y, found.size * scale, turned)
