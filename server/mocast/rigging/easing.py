"""Easing between two bounds, for one number at a time."""


def eased(value: float, none: float, whole: float) -> float:
    """Return 0 up to the one bound, 1 from the other on, and smoothly between (smoothstep)."""
    share = min(max((value - none) / (whole - none), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)
