import cv2
import numpy as np

from mocast.invitation import invitation

URL = "https://192.0.2.7:8080/#access_token=" + "e" * 200
SHA256 = ":".join(["AB"] * 32)
HALVES = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
"""A character's upper and lower half: 1 is light, as the terminal's text is."""


def scanned(text: str) -> str:
    """What a camera reads from the terminal."""
    rows = [row for row in text.split("\n") if row and set(row) <= HALVES.keys()]
    width = max(map(len, rows))
    light = [[HALVES[letter][half] for letter in row.ljust(width)] for row in rows for half in (0, 1)]
    picture = np.kron(np.array(light, np.uint8) * 255, np.ones((8, 8), np.uint8))
    return cv2.QRCodeDetector().detectAndDecode(cv2.copyMakeBorder(picture, *[32] * 4, cv2.BORDER_CONSTANT, value=255))[
        0
    ]


def test_a_phone_reads_the_address_with_its_token() -> None:
    assert scanned(invitation([URL, "https://laptop.local:8080/"], SHA256)) == URL


def test_the_steps_hold_the_fingerprint_the_other_addresses_and_the_end() -> None:
    text = invitation([URL, "https://laptop.local:8080/"], SHA256, expires="20:15")
    assert SHA256 in text.replace("\n     ", "")
    assert "https://laptop.local:8080/" in text
    assert "20:15" in text
    assert "until" not in invitation([URL], SHA256)
