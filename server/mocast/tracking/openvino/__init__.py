"""The ``openvino`` engine: MediaPipe's networks on OpenVINO, in a tracking loop of our own.

- ``engine.py`` builds trackers; ``face_shapes.py`` runs the network of blend shapes.
- ``graph/``: the course of a frame. ``holistic.py`` takes it through ``pose.py``, then ``body_hand.py`` and
  ``body_face.py``, which are both a ``TrackedRegion``; ``two_hands.py`` and ``single_face.py`` need no body.
- ``schedule/``: which networks a frame may skip. ``quality_profile.py`` (what each quality skips), ``redetection.py``,
  ``search_backoff.py``, and ``frame_skipping.py`` with the motion models of ``extrapolation.py``.
- ``regions/``: geometry and decoding, with numpy and OpenCV alone.
- ``runtime/``: compiled networks, the requests that run them, worker threads, the cache, and whether bf16 pays.
- ``networks/``: conversion of the networks to OpenVINO graphs, and rewrites of these.

Words: a part is *detected* by a network that searches for it, and *tracked* where its region follows from the frame
before. *Re-detection* checks a tracked region; the *drift* between the two decides which one is used. Frames in which a
part's networks do not run are *skipped*: the part is unchanged, or *extrapolated*.
"""

import sys

# It reports each import of OpenVINO to its maker, unasked. Without it OpenVINO has a stand-in that does nothing.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
