"""What the terminal shows of a server with a certificate of its own: how a phone in the same network opens its page."""

import io
from collections.abc import Sequence

import segno


def invitation(urls: Sequence[str], fingerprint: str, *, expires: str = "") -> str:
    """Return the text: the first address as a QR code, the steps on the phone, the certificate's fingerprint.

    ``expires``: until when the token in the addresses is valid; empty where they have none.
    """
    drawing = io.StringIO()
    segno.make(urls[0], error="l", micro=False).terminal(drawing, compact=True)
    lines = [
        "",
        "A phone in this network becomes the camera:",
        "",
        *drawing.getvalue().rstrip("\n").split("\n"),
        "",
        f"  1. Scan the code with the phone's camera, or open {urls[0]}",
        "  2. The browser does not know this machine's certificate. Chrome: Advanced, Proceed.",
        "     Safari: Show Details, visit this website. It is the right one if its SHA-256 is",
        *(f"     {fingerprint[at : at + 48]}" for at in range(0, len(fingerprint), 48)),
        "  3. Press Start, and allow the camera.",
        "",
    ]
    if len(urls) > 1:
        lines[-1:] = ["  If the phone finds nothing there, this machine has other addresses:"]
        lines += [*(f"     {url}" for url in urls[1:]), ""]
    if expires:
        lines += [f"  Whoever has an address like these may publish and watch until {expires}.", ""]
    return "\n".join(lines)
