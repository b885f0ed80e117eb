"""Patches of aiortc 1.16 and aioice 0.13 for the whole process, and the private names that we rely on.

Only this folder imports these libraries, so that a new version breaks its files and no other.
"""

import importlib
import importlib.metadata
from typing import Any, Final

import aioice.ice
import aiortc.rtcsctptransport

from mocast.webrtc.aiortc import datagrams_in
from mocast.webrtc.aiortc.data_messages import MAX_MESSAGE_BYTES

CONSENT_INTERVAL_S = 0.5
CONSENT_FAILURES = 4
CONSENT_RESENDS = 1
"""A peer that answers none of four connectivity checks is gone (RFC 7675 allows up to 30 s; ours is 10).

aioice waits 0.8 to 1.2 times the interval, sends a check and waits 0.5 s for an answer, then resends it and waits 1 s:
4 x (0.6 + 1.5) = 8.4 s at most. Without resending, a full uplink that holds packets for half a second would look dead.
"""


def install() -> None:
    """Change what these libraries keep in globals; before the first connection, and again without effect.

    Raises ``RuntimeError`` where a private name that we touch is missing.
    """
    if missing := missing_names():
        raise RuntimeError(f"aiortc or aioice is of another version: it lacks {', '.join(missing)}")
    setattr(aioice.ice, "CONSENT_INTERVAL", CONSENT_INTERVAL_S)  # noqa: B010 (typed as a whole number)
    aioice.ice.CONSENT_FAILURES = CONSENT_FAILURES
    _resend_consent_checks()
    _end_consent_checks()
    _use_loopback_when_alone()
    setattr(aiortc.rtcsctptransport, "LOCAL_MAX_MESSAGE_SIZE", MAX_MESSAGE_BYTES)  # noqa: B010 (not an exported name)
    datagrams_in.install()


PRIVATE_NAMES: Final = {
    "aioice.ice:Connection": "_closing _nominated _protocols _queue query_consent",
    "aioice.ice:StunProtocol": "datagram_received request",
    "aioice.ice": "CONSENT_FAILURES CONSENT_INTERVAL get_host_addresses",
    "aiortc.codecs.h264:H264Encoder": "_packetize _split_bitstream",
    "aiortc.codecs.vpx:Vp8Encoder": "_packetize",
    "aiortc.rtcdtlstransport:RTCDtlsTransport": (
        "__handshake_done __rx_bytes __rx_packets __tx_bytes __tx_packets _data_receiver _handle_rtcp_data"
        " _handle_rtp_data _recv_next _rtp_header_extensions_map _rtp_router _rx_srtp _ssl _state _tx_srtp _write_ssl"
    ),
    "aiortc.rtcicetransport:RTCIceTransport": "_connection",
    "aiortc.rtcpeerconnection:RTCPeerConnection": "__iceTransports",
    "aiortc.rtcrtpreceiver:RTCRtpReceiver": (
        "__codecs __decoder_queue __jitter_buffer __nack_generator __remote_bitrate_estimator __remote_streams"
        " __rtcp_ssrc __rtx_ssrc _enabled _send_rtcp _send_rtcp_nack _send_rtcp_pli"
    ),
    "aiortc.rtcrtpsender:RTCRtpSender": (
        "__mid __ntp_timestamp __octet_count __packet_count __rtp_header_extensions_map __rtp_history __rtp_timestamp"
        " _handle_rtcp_packet _next_encoded_frame _retransmit _send_keyframe _ssrc"
    ),
    "aiortc.rtcrtptransceiver:RTCRtpTransceiver": "_codecs",
    "aiortc.rtcsctptransport:RTCSctpTransport": (
        "_advertised_rwnd _data_channel_flush _data_channel_queue _data_channel_send _inbound_streams"
        " _last_received_tsn _local_port _receive_data_chunk _remote_max_message_size _remote_port"
        " _remote_verification_tag _sack_misordered _send_chunk"
    ),
    "aiortc.rtcsctptransport": "LOCAL_MAX_MESSAGE_SIZE tsn_plus_one",
    "aiortc.rtp:HeaderExtensionsMap": "__ids",
}
"""By module and class: the names that this folder uses and that these libraries do not promise to keep."""


def missing_names() -> list[str]:
    """Return which of ``PRIVATE_NAMES`` the installed versions lack."""
    missing = []
    for path, names in PRIVATE_NAMES.items():
        module_name, _, class_name = path.partition(":")
        module: Any = importlib.import_module(module_name)
        owner = getattr(module, class_name, None) if class_name else module
        known = _names_of(owner)
        for name in names.split():
            mangled = f"_{class_name}{name}" if name.startswith("__") else name
            if mangled not in known:
                missing.append(f"{path.replace(':', '.')}.{name}")
    return missing


def versions() -> str:
    """Return the installed versions."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("aiortc", "aioice"))


def _names_of(owner: Any) -> set[str]:
    """The attributes of a module or class, those included that its methods set or read on instances."""
    names = set(dir(owner))
    for method in vars(owner).values() if isinstance(owner, type) else ():
        code = getattr(method.fget if isinstance(method, property) else method, "__code__", None)
        names.update(code.co_names if code is not None else ())
    return names


def _resend_consent_checks() -> None:
    """Consent checks are the only requests that aioice never resends, so they are known by that."""
    request = _private(aioice.ice.StunProtocol.request)
    if getattr(request, "resends", False):
        return

    async def patient(self: Any, *args: Any, retransmissions: int | None = None, **more: Any) -> Any:
        resends = CONSENT_RESENDS if retransmissions == 0 else retransmissions
        return await request(self, *args, retransmissions=resends, **more)

    patient.resends = True  # type: ignore[attr-defined]
    setattr(aioice.ice.StunProtocol, "request", patient)  # noqa: B010 (a method)


def _end_consent_checks() -> None:
    """Start no consent checks on a connection that was closed while it connected: nothing would ever end them."""
    query_consent = _private(aioice.ice.Connection.query_consent)
    if getattr(query_consent, "ends", False):
        return

    async def while_open(self: Any) -> None:
        if not self._closing:
            await query_consent(self)

    while_open.ends = True  # type: ignore[attr-defined]
    setattr(aioice.ice.Connection, "query_consent", while_open)  # noqa: B010 (a method)


def _use_loopback_when_alone() -> None:
    """Offer 127.0.0.1 where the machine has no other address: aioice leaves it out, so nothing could connect."""
    others = aioice.ice.get_host_addresses
    if getattr(others, "keeps_loopback", False):
        return

    def get_host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return others(use_ipv4, use_ipv6) or ["127.0.0.1"]

    get_host_addresses.keeps_loopback = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = get_host_addresses


def host_addresses() -> list[str]:
    """Return the addresses that peers will be offered."""
    addresses: list[str] = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return addresses


def _private(thing: object) -> Any:
    """Return the same object as ``Any``: its type does not know the private names used on it."""
    return thing
