"""The ``openvino`` engine: MediaPipe's networks on OpenVINO in a loop of our own.

A map of its modules, each group in the order to read it:

- **A frame's course**: ``engine`` builds trackers; ``holistic`` takes a picture through ``body`` and its parts
  (``part``: the steps), ``hand`` and ``face``; ``hands`` follows hands that are nobody's.
- **What may be left out**: ``plans`` (what each quality leaves out), ``recheck`` and ``patience`` (checks, and searches
  in vain), ``sparing`` with ``motions`` (looks).
- **A look**: ``looking`` (a network and a region), ``crop``, ``picture``, ``crew`` (which thread runs it), ``request``.
- **Geometry**: ``region``, ``detection`` with ``anchors``, ``following_check``, ``carried``, ``association``,
  ``heatmap``, ``smoothing``, ``hand_landmarks``, ``finite``.
- **Networks**: ``networks``, ``compiling`` with ``convert``, ``face_attention``, ``less_work`` and ``precise_end``,
  ``precision`` with ``drawings``, ``cache``, ``core``; ``loaded`` and ``face_shapes`` run an operator's own.

Words: a part is *followed* where its region comes from the frame before, and *checked* when it is found anew to see
whether that region is still right. How near it is to being given up there is the *strain*. In a frame in which a part
is not looked at it is *spared*: it is taken for the same, as its picture has not changed, or *foretold* from how it
moved, as it is *calm*. Who looks in vain has *patience*.
"""

import sys

# OpenVINO imports its converter of other frameworks' models, which it does without where that is missing. It is not
# needed here, takes half of the import's time, and tells its maker of the import if openvino-telemetry is installed.
sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
