"""Small SVG pictures: lines, texts, and plots of a signal with its thresholds and events. Their greys suit any page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

STYLE = (
    "path{fill:none;stroke:#8a93a6;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}"
    ".limb{stroke-width:5}.faint{opacity:.4}.dots{stroke-width:1.8;opacity:.7}.used{stroke-width:4}.a{stroke:#1098ad}.b{stroke:#f08c00}.c{stroke:#37b24d}.d{stroke:#845ef7}"
    ".event{stroke:#e03131}.span{fill:#e03131;stroke:none;opacity:.14}"
    ".level{stroke-width:1;stroke-dasharray:4 4}"
    ".wide{stroke-width:3}.event.wide{stroke-width:3}circle{fill:#f08c00}.head{fill:none;stroke:#8a93a6;stroke-width:5}"
    "text{font:14px sans-serif;fill:#7a8194}.note{font-size:12px}.tick{font-size:11px}"
    "text.a{fill:#1098ad;stroke:none}text.b{fill:#f08c00;stroke:none}text.c{fill:#37b24d;stroke:none}text.d{fill:#845ef7;stroke:none}text.event{fill:#e03131;stroke:none}"
)

Points = Iterable[Sequence[float]]


def write(path: Path, size_wh: tuple[int, int], elements: Iterable[str]) -> None:
    """Write a picture of that many pixels."""
    width, height = size_wh
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><style>{STYLE}</style>'
    path.write_text(opening + "".join(elements) + "</svg>\n", "utf-8")


def line(points: Points, kind: str = "") -> str:
    """Return a line through points, in pixels."""
    return f'<path class="{kind}" d="M' + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + '"/>'


def dots(points: Points, kind: str) -> str:
    """Return a dot at each point, in pixels."""
    return f'<path class="{kind}" d="' + "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points) + '"/>'


def text(x: float, y: float, words: str, kind: str = "note", anchor: str = "start") -> str:
    """Return words that begin, end or have their middle at a pixel."""
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}"{placed}>{words}</text>'


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of values over seconds."""

    corner: tuple[float, float]
    "The left upper corner of what the axes enclose, pixels."
    size_wh: tuple[float, float]
    seconds: tuple[float, float]
    values: tuple[float, float]

    def at(self, second: float, value: float) -> tuple[float, float]:
        """Return the pixel of a value."""
        (left, top), (width, height) = self.corner, self.size_wh
        (from_s, to_s), (low, high) = self.seconds, self.values
        return left + width * (second - from_s) / (to_s - from_s), top + height * (high - value) / (high - low)

    def axes(self, title: str, every_s: float, ticks: Sequence[float]) -> str:
        """Return both axes with a title above and a tick every few seconds, of which the first is 0."""
        (left, right), (low, high) = self.seconds, self.values
        drawn = [line([self.at(left, high), self.at(left, low), self.at(right, low)])]
        for number in range(round((right - left) / every_s) + 1):
            x, y = self.at(left + number * every_s, low)
            drawn.append(text(x, y + 14, f"{number * every_s:g}" + (" s" if not number else ""), "tick", "middle"))
        for value in ticks:
            x, y = self.at(left, value)
            drawn.append(text(x - 5, y + 4, f"{value:g}", "tick", "end"))
        return "".join(drawn) + text(self.corner[0], self.corner[1] - 22, title)

    def curve(self, seconds: Iterable[float], values: Iterable[float], kind: str) -> str:
        """Return the course of values."""
        return line([self.at(*point) for point in zip(seconds, values, strict=True)], kind)

    def level(self, value: float, words: str, *, below: bool = False) -> str:
        """Return a threshold, with what it is at its right end."""
        x, y = self.at(self.seconds[1], value)
        return line([(self.corner[0], y), (x, y)], "level") + text(x, y + (13 if below else -4), words, "tick", "end")

    def event(self, second: float, words: str) -> str:
        """Return the moment of an event."""
        x, y = self.at(second, self.values[1])
        return line([(x, y - 4), self.at(second, self.values[0])], "event") + text(
            x, y - 7, words, "note event", "middle"
        )

    def span(self, since_s: float, until_s: float) -> str:
        """Return a time in which something is told."""
        low, high = self.values
        corners = [(since_s, low), (since_s, high), (until_s, high), (until_s, low)]
        return line([self.at(*corner) for corner in corners], "span")

    def lasted(self, until_s: float, seconds: float, value: float) -> str:
        """Return how long something had to last until then."""
        ends = [self.at(until_s - seconds, value), self.at(until_s, value)]
        x, y = ends[0]
        return line(ends, "event wide") + text(x - 4, y + 4, f"{seconds:g} s", "tick event", "end")

    def bar(self, second: float, low: float, high: float, words: str, kind: str) -> str:
        """Return a difference of values, to compare a course with."""
        (x, y), foot = self.at(second, high), self.at(second, low)
        return line([(x, y), foot], kind + " wide") + text(x, y - 6, words, f"tick {kind}", "middle")
