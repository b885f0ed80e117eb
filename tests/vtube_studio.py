"""A stand-in for VTube Studio that follows its published plugin API 1.0 strictly, down to the numbers of its errors.

Written from https://github.com/DenchiSoft/VTubeStudio (README.md, Files/ErrorID.cs). Where the page is silent it
refuses what it does not say is allowed.
"""

import asyncio
import json
import math
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from tests.peers import HANG_S
from tests.ports import free_port

DEFAULTS = {
    **dict.fromkeys(["FacePositionX", "FacePositionY"], (-15, 15)),
    "FacePositionZ": (-10, 10),
    **dict.fromkeys(["FaceAngleX", "FaceAngleY"], (-30, 30)),
    "FaceAngleZ": (-90, 90),
    **dict.fromkeys(
        [
            "MouthSmile", "MouthOpen", "Brows", "TongueOut", "CheekPuff", "FaceAngry", "BrowLeftY", "BrowRightY",
            "EyeOpenLeft", "EyeOpenRight", "VoiceVolume", "VoiceFrequency", "VoiceVolumePlusMouthOpen",
            "VoiceFrequencyPlusMouthSmile", "HandLeftFound", "HandRightFound", "BothHandsFound",
        ],
        (0, 1),
    ),
    **dict.fromkeys(
        ["EyeLeftX", "EyeLeftY", "EyeRightX", "EyeRightY", "MousePositionX", "MousePositionY", "MouthX"], (-1, 1)
    ),
    "HandDistance": (0, 10),
    **{
        f"Hand{side}{name}": bounds
        for side in ("Left", "Right")
        for name, bounds in {
            "PositionX": (0, 10), "PositionY": (-10, 10), "PositionZ": (-10, 10), "AngleX": (-180, 180),
            "AngleZ": (-180, 180), "Open": (0, 1), "Finger_1_Thumb": (0, 1), "Finger_2_Index": (0, 1),
            "Finger_3_Middle": (0, 1), "Finger_4_Ring": (0, 1), "Finger_5_Pinky": (0, 1),
        }.items()
    },
}  # fmt: skip
"""VTube Studio's own tracking parameters with their ranges, as its ``InputParameterListResponse`` gives them."""

TOKEN_BYTES = 16


class Refusal(Exception):
    """An ``APIError``."""

    def __init__(self, error_id: int, message: str) -> None:
        super().__init__(message)
        self.error_id = error_id


@dataclass
class Session:
    """One connection."""

    plugin: str | None = None
    token: str | None = None


@dataclass(frozen=True)
class Injection:
    """One ``InjectParameterDataRequest`` that was taken."""

    face_found: bool
    values: dict[str, float]


class VTubeStudio:
    """Runs on the test's loop; the test plays its user."""

    def __init__(self) -> None:
        self.port = free_port()
        self.sessions: list[Session] = []
        self.tokens: dict[str, tuple[str, str]] = {}
        "Plugin and developer by token."
        self.custom: dict[str, str] = {}
        "Who added each custom parameter."
        self.controlled_by_another: set[str] = set()
        self.defaults = dict(DEFAULTS)
        self.injections: list[Injection] = []
        self.hotkeys = {"0123456789abcdef": "My Hotkey"}
        "Of the model, names by id."
        self.triggered: list[str] = []
        "Ids of the hotkeys that were triggered."
        self.refusals: list[int] = []
        self.questions = 0
        "How often the user was asked."
        self.is_on = True
        "Whether its user lets plugins use the API."
        self._asking: asyncio.Future[bool] | None = None
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._sockets: set[web.WebSocketResponse] = set()

    async def start(self) -> None:
        """Listen, on the same port as before."""
        app = web.Application()
        app.router.add_get("/", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()

    async def stop(self) -> None:
        """End, as if its user had closed it: tokens and custom parameters stay on its disk."""
        assert self._runner is not None
        for socket in tuple(self._sockets):
            await socket.close()
        await self._runner.cleanup()
        self._runner = None
        self._asking = None

    async def __aenter__(self) -> "VTubeStudio":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self.stop()

    def answer(self, *, allow: bool) -> None:
        """Click in the window that asks."""
        assert self._asking is not None
        self._asking.set_result(allow)

    async def revoke(self) -> None:
        """Take every plugin's leave back, which deletes what it created."""
        self.tokens.clear()
        self.custom.clear()
        await self._tell()

    async def wait_for(self, condition: Callable[["VTubeStudio"], object], timeout_s: float = HANG_S) -> None:
        """Wait until it is as the test wants it."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: condition(self))

    @property
    def is_asking(self) -> bool:
        return self._asking is not None and not self._asking.done()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        session = Session()
        self.sessions.append(session)
        await self._tell()
        pending: set[asyncio.Task[None]] = set()
        try:
            async for message in socket:
                if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    task = asyncio.create_task(self._reply(socket, session, message.data))
                    pending.add(task)
                    task.add_done_callback(pending.discard)
        finally:
            for task in pending:
                task.cancel()
            self._sockets.discard(socket)
            self._asking = None
        return socket

    async def _reply(self, socket: web.WebSocketResponse, session: Session, text: str | bytes) -> None:
        request_id = secrets.token_hex(8)
        try:
            message = self._json(text)
            request_id = message.get("requestID", request_id)
            self._check(message)
            name = message["messageType"]
            data = await self._answer(session, name, message.get("data") or {})
            answer_type = name.removesuffix("Request") + "Response"
        except Refusal as refusal:
            self.refusals.append(refusal.error_id)
            answer_type, data = "APIError", {"errorID": refusal.error_id, "message": str(refusal)}
        if not socket.closed:
            await socket.send_str(
                json.dumps(
                    {
                        "apiName": "VTubeStudioPublicAPI",
                        "apiVersion": "1.0",
                        "timestamp": 1625405710728,
                        "requestID": request_id,
                        "messageType": answer_type,
                        "data": data,
                    }
                )
            )
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    @staticmethod
    def _json(text: str | bytes) -> dict[str, Any]:
        try:
            message = json.loads(text)
        except ValueError as error:
            raise Refusal(2, "JSON invalid") from error
        if not isinstance(message, dict):
            raise Refusal(2, "JSON invalid")
        return message

    def _check(self, message: dict[str, Any]) -> None:
        if not self.is_on:
            raise Refusal(1, "API access is deactivated")
        if message.get("apiName") != "VTubeStudioPublicAPI":
            raise Refusal(3, "API name invalid")
        if message.get("apiVersion") != "1.0":
            raise Refusal(4, "API version invalid")
        request_id = message.get("requestID", "given")
        if not isinstance(request_id, str) or not re.fullmatch(r"[\x20-\x7e]{1,64}", request_id):
            raise Refusal(5, "request ID invalid")
        if not isinstance(message.get("messageType"), str) or not message["messageType"]:
            raise Refusal(6, "request type missing or empty")

    async def _answer(self, session: Session, name: str, data: dict[str, Any]) -> dict[str, Any]:
        match name:
            case "APIStateRequest":
                return {
                    "active": True,
                    "vTubeStudioVersion": "1.9.0",
                    "currentSessionAuthenticated": session.token in self.tokens,
                }
            case "AuthenticationTokenRequest":
                return await self._ask(data)
            case "AuthenticationRequest":
                return self._authenticate(session, data)
        return self._of_plugin(session, name, data)

    def _of_plugin(self, session: Session, name: str, data: dict[str, Any]) -> dict[str, Any]:
        """Answer what only plugins with the user's leave may ask."""
        if session.token is None:
            raise Refusal(8, "request requires authentication")
        if session.token not in self.tokens:
            raise Refusal(50, "User has denied API access for your plugin.")
        plugin = self.tokens[session.token][0]
        match name:
            case "InputParameterListRequest":
                return self._list()
            case "ParameterCreationRequest":
                return self._create(plugin, data)
            case "InjectParameterDataRequest":
                return self._inject(plugin, data)
            case "HotkeyTriggerRequest":
                return self._trigger(data)
        raise Refusal(7, f"request type unknown: {name}")

    async def _ask(self, data: dict[str, Any]) -> dict[str, Any]:
        for field, error_id in (("pluginName", 52), ("pluginDeveloper", 53)):
            if not isinstance(data.get(field), str) or not 3 <= len(data[field]) <= 32:
                raise Refusal(error_id, f"{field} invalid")
        if self.is_asking:
            raise Refusal(51, "token request currently ongoing")
        self.questions += 1
        self._asking = asyncio.get_running_loop().create_future()
        await self._tell()
        if not await self._asking:
            raise Refusal(50, "User has denied API access for your plugin.")
        token = secrets.token_hex(TOKEN_BYTES)
        self.tokens[token] = (data["pluginName"], data["pluginDeveloper"])
        return {"authenticationToken": token}

    def _authenticate(self, session: Session, data: dict[str, Any]) -> dict[str, Any]:
        for field, error_id in (("authenticationToken", 100), ("pluginName", 101), ("pluginDeveloper", 102)):
            if not isinstance(data.get(field), str) or not data[field]:
                raise Refusal(error_id, f"{field} missing")
        if self.tokens.get(data["authenticationToken"]) != (data["pluginName"], data["pluginDeveloper"]):
            return {"authenticated": False, "reason": "Token invalid or revoked."}
        session.token, session.plugin = data["authenticationToken"], data["pluginName"]
        return {"authenticated": True, "reason": "Token valid."}

    def _list(self) -> dict[str, Any]:
        def shown(name: str, by: str, bounds: tuple[float, float]) -> dict[str, Any]:
            return {"name": name, "addedBy": by, "value": 0, "min": bounds[0], "max": bounds[1], "defaultValue": 0}

        return {
            "modelLoaded": False,
            "modelName": "",
            "modelID": "",
            "customParameters": [shown(name, plugin, (0, 1)) for name, plugin in self.custom.items()],
            "defaultParameters": [shown(name, "VTube Studio", bounds) for name, bounds in self.defaults.items()],
        }

    def _create(self, plugin: str, data: dict[str, Any]) -> dict[str, Any]:
        name = data.get("parameterName")
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9]{4,32}", name):
            raise Refusal(350, "custom parameter's name invalid")
        if any(not _is_value(data.get(field)) for field in ("min", "max", "defaultValue")):
            raise Refusal(351, "custom parameter's values invalid")
        if len(data.get("explanation") or "") > 255:
            raise Refusal(353, "explanation too long")
        if name in self.defaults:
            raise Refusal(354, "that is a default parameter")
        if self.custom.get(name, plugin) != plugin:
            raise Refusal(352, "created by another plugin")
        if name not in self.custom and sum(by == plugin for by in self.custom.values()) >= 100:
            raise Refusal(355, "limit per plugin")
        if name not in self.custom and len(self.custom) >= 300:
            raise Refusal(356, "limit in total")
        self.custom[name] = plugin
        return {"parameterName": name}

    def _trigger(self, data: dict[str, Any]) -> dict[str, Any]:
        wanted = data.get("hotkeyID")
        for hotkey, name in self.hotkeys.items():
            if isinstance(wanted, str) and (wanted == hotkey or wanted.lower() == name.lower()):
                self.triggered.append(hotkey)
                return {"hotkeyID": hotkey}
        raise Refusal(202, f"Hotkey {wanted} was not found in the current model.")

    def _inject(self, plugin: str, data: dict[str, Any]) -> dict[str, Any]:
        given = data.get("parameterValues")
        if not isinstance(given, list) or not given:
            raise Refusal(450, "no data provided")
        if data.get("mode", "set") not in ("set", "add"):
            raise Refusal(455, "mode unknown")
        if not isinstance(data.get("faceFound", False), bool):
            raise Refusal(2, "JSON invalid")
        values = {}
        for item in given:
            if not isinstance(item, dict) or not _is_value(item.get("value")):
                raise Refusal(451, "value invalid")
            weight = item.get("weight", 1)
            if not _is_value(weight) or not 0 <= weight <= 1:
                raise Refusal(452, "weight invalid")
            name = item.get("id")
            if name not in self.defaults and name not in self.custom:
                raise Refusal(453, f"Parameter {name} not found. Did you create it yet?")
            if name in self.controlled_by_another:
                raise Refusal(454, f"Parameter {name} is already controlled by another plugin.")
            values[name] = float(item["value"])
        self.injections.append(Injection(data.get("faceFound", False), values))
        return {}


def _is_value(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and -1_000_000 <= value <= 1_000_000
    )
