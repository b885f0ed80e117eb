"""How formats write the names that enumerations here have."""


def camel(name: str) -> str:
    """Return ``LEFT_UPPER_ARM`` as ``leftUpperArm``, as ARKit and VRM write names."""
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
