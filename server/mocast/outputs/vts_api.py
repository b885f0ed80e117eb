"""One connection to VTube Studio's plugin API 1.0: requests and their answers, one at a time.

Source: https://github.com/DenchiSoft/VTubeStudio, error numbers in its Files/ErrorID.cs.
"""

import asyncio
import itertools
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

import aiohttp
import orjson

API_NAME: Final = "VTubeStudioPublicAPI"
API_VERSION: Final = "1.0"
ANSWER_TIMEOUT_S: Final = 10.0
"""VTube Studio answers within a frame; one that loads a model takes seconds."""


class ErrorId(IntEnum):
    """The errors of VTube Studio that are handled specially."""

    API_SWITCHED_OFF = 1
    NOT_AUTHENTICATED = 8
    DENIED = 50
    ALREADY_ASKING = 51
    FIRST_OF_HOTKEYS = 200
    LAST_OF_HOTKEYS = 208
    FIRST_OF_CREATION = 350
    LAST_OF_CREATION = 356
    CONTROLLED_BY_ANOTHER = 454


class ApiError(Exception):
    """VTube Studio refused a request."""

    def __init__(self, error_id: int, message: str) -> None:
        super().__init__(message or f"error {error_id}")
        self.error_id = error_id


class VtsApi:
    """Requests over an open WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def request(
        self, message_type: str, data: Mapping[str, Any] | None = None, timeout_s: float | None = ANSWER_TIMEOUT_S
    ) -> Mapping[str, Any]:
        """Return the data of the answer. Raises ``ApiError``, ``TimeoutError`` and, when it is over,
        ``ConnectionError``."""
        request_id = f"mocast{next(self._numbers)}"
        message = {
            "apiName": API_NAME,
            "apiVersion": API_VERSION,
            "requestID": request_id,
            "messageType": message_type,
            "data": data or {},
        }
        async with asyncio.timeout(timeout_s):
            await self._socket.send_str(orjson.dumps(message).decode())
            while not _answers(answer := await self._receive(), request_id):
                pass
        answered = answer.get("data")
        if not isinstance(answered, dict):
            answered = {}
        if answer.get("messageType") == "APIError":
            raise ApiError(int(answered.get("errorID", 0)), str(answered.get("message", "")))
        return answered

    async def wait_closed(self) -> None:
        """Wait until the other side ends the connection."""
        try:
            while True:
                await self._receive()
        except ConnectionError:
            pass

    async def _receive(self) -> Mapping[str, Any]:
        message = await self._socket.receive()
        if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            raise ConnectionResetError("VTube Studio ended the connection")
        try:
            answer = orjson.loads(message.data)
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}


def _answers(message: Mapping[str, Any], request_id: str) -> bool:
    """Whether a message is about the request under way; an error is, whatever id it names: there is but one."""
    return message.get("requestID") == request_id or message.get("messageType") == "APIError"
