"""Mocast for Python programs: rooms' landmarks, rigs and analyses, a camera for a room, pictures, videos, recordings.

Importing it loads none of the server. What publishing needs (aiortc, PyAV) is loaded when something is published.
"""

from mocast.client.analysis_frame import AnalysisFrame
from mocast.client.landmark_frame import Landmark, LandmarkFrame, NamedLandmarks, PersonLandmarks, Point
from mocast.client.mocast_client import MocastClient, RoomState
from mocast.client.publication import Publication
from mocast.client.refusals import Unreachable
from mocast.client.rig_frame import RigFrame
from mocast.client.room_event import RoomEvent
from mocast.client.room_recording import RoomRecording
from mocast.client.video_job import VideoJob
from mocast.errors import (
    BodyTooLarge,
    Conflict,
    Forbidden,
    InsufficientStorage,
    MocastError,
    NotFound,
    RequestError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)

__all__ = [
    "AnalysisFrame",
    "BodyTooLarge",
    "Conflict",
    "Forbidden",
    "InsufficientStorage",
    "Landmark",
    "LandmarkFrame",
    "MocastClient",
    "MocastError",
    "NamedLandmarks",
    "NotFound",
    "PersonLandmarks",
    "Point",
    "Publication",
    "RequestError",
    "RigFrame",
    "RoomEvent",
    "RoomRecording",
    "RoomState",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unprocessable",
    "Unreachable",
    "UnsupportedMedia",
    "VideoJob",
]
