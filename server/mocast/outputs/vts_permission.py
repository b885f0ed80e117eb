"""VTube Studio's permission: its user is asked once, and the token that comes of it is kept."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from mocast.outputs.status import StatusRecorder
from mocast.outputs.vts_api import ApiError, ErrorId, VtsApi
from mocast.outputs.vts_tokens import Tokens

PLUGIN: Final = {"pluginName": "Mocast", "pluginDeveloper": "Mocast"}
"""A token is valid only for this name and developer."""

DISK_TIMEOUT_S: Final = 5.0
"""A token that is not on the disk by then is kept in memory alone."""
ASK_AGAIN_S: Final = 2.0
"""Delay while another permission dialog of ours is open in VTube Studio."""

log = structlog.get_logger(__name__)


class VtsPermission:
    """The permission that one VTube Studio's user gave, or is asked for."""

    def __init__(self, address: str, recorder: StatusRecorder, tokens: Tokens) -> None:
        """``address``: as ``tokens`` have it."""
        self._address = address
        self._recorder = recorder
        self._tokens = tokens

    async def authenticate(self, api: VtsApi) -> None:
        """Authenticate for this session; a token that is no longer valid is replaced.

        Raises ``ConnectionResetError`` where a new one is refused, too: asking again would show the dialog without end.
        """
        kept = self._tokens.get(self._address)
        if kept and await _takes(api, kept):
            return
        await self.forget()
        if not await _takes(api, await self._ask(api)):
            await self.forget()
            raise ConnectionResetError("a permission that was just given is refused by VTube Studio")

    async def forget(self) -> None:
        """Drop the token, which is not good any more."""
        try:
            await _on_disk(self._tokens.forget, self._address)
        except OSError as error:
            log.warning("a token that is not good any more cannot be removed", reason=str(error))

    async def _ask(self, api: VtsApi) -> str:
        """Ask VTube Studio's user; return the token. After a refusal it does not ask again until the connection ends:
        the dialog covers the screen."""
        self._recorder.set_state("waiting for permission", "allow Mocast in the window that VTube Studio shows")
        while True:
            try:
                answer = await api.request("AuthenticationTokenRequest", PLUGIN, timeout_s=None)
            except ApiError as error:
                if error.error_id == ErrorId.ALREADY_ASKING:
                    await asyncio.sleep(ASK_AGAIN_S)
                    continue
                if error.error_id != ErrorId.DENIED:
                    raise
                self._recorder.add_error("denied", "VTube Studio's user said no; restart either app to be asked again")
                await api.wait_closed()
                raise ConnectionResetError("VTube Studio ended the connection") from None
            token = str(answer.get("authenticationToken", ""))
            await self._keep(token)
            return token

    async def _keep(self, token: str) -> None:
        try:
            await _on_disk(self._tokens.put, self._address, token)
        except OSError as error:
            log.warning("VTube Studio will ask again: its token cannot be kept", reason=str(error))


async def _on_disk(change: Callable[..., None], *args: str) -> None:
    """Change the kept tokens in a thread. Raises ``OSError``, also where the disk does not answer."""
    async with asyncio.timeout(DISK_TIMEOUT_S):
        await asyncio.get_running_loop().run_in_executor(None, change, *args)


async def _takes(api: VtsApi, token: str) -> bool:
    answer = await api.request("AuthenticationRequest", PLUGIN | {"authenticationToken": token})
    return answer.get("authenticated") is True
