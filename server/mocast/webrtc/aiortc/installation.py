"""Patches of aiortc 1.16 and aioice 0.13 for the whole process, and the private names that we rely on.

Only this folder imports these libraries, so that a new version breaks its files and no other.
"""

import importlib
import importlib.metadata
from collections.abc import Callable
from typing import Any, Final

import aioice.ice
import aiortc.rate
import aiortc.rtcsctptransport

from mocast.webrtc.aiortc import (
    chunks_in,
    codecs,
    connectivity_checks,
    datagrams_in,
    gnutls_handshake,
    handshakes,
    steady_clock,
)
from mocast.webrtc.aiortc.data_messages import MAX_MESSAGE_BYTES
from mocast.webrtc.aiortc.patch import patch


def install() -> None:
    """Change what these libraries keep in globals; before the first connection, and again without effect.

    Raises ``RuntimeError`` where a private name that we touch is missing.
    """
    if missing := missing_names():
        raise RuntimeError(f"aiortc or aioice is of another version: it lacks {', '.join(missing)}")
    use_loopback_when_alone()
    setattr(aiortc.rtcsctptransport, "LOCAL_MAX_MESSAGE_SIZE", MAX_MESSAGE_BYTES)  # noqa: B010 (not an exported name)
    _skip_silence_at_once()
    chunks_in.install()
    codecs.install()
    connectivity_checks.install()
    datagrams_in.install()
    gnutls_handshake.install()
    handshakes.install()
    steady_clock.install()


PRIVATE_NAMES: Final = {
    "aioice.candidate": "candidate_foundation candidate_priority",
    "aioice.candidate:Candidate": "_network_host",
    "aioice.ice": "get_host_addresses relayed_candidate",
    "aioice.ice:CandidatePair": "nominated protocol remote_addr state",
    "aioice.ice:Connection": (
        "_add_remote_candidate _check_list _closing _local_candidates _local_candidates_end _local_candidates_start"
        " _local_username _nominated _protocols _query_consent_task _queue _remote_candidates _transport_policy"
        " build_request check_incoming gather_candidates query_consent"
    ),
    "aioice.ice:StunProtocol": "connection_lost connection_made datagram_received request send_stun",
    "aioice.mdns:MDnsProtocol": "datagram_received",
    "aiortc.codecs.h264:H264Encoder": "_packetize _split_bitstream",
    "aiortc.codecs.vpx:Vp8Encoder": "_packetize",
    "aiortc.rate:RateCounter": "_erase_old _origin_ms _window_size",
    "aiortc.rtcdatachannel:RTCDataChannel": "_addBufferedAmount",
    "aiortc.rtcdtlstransport:RTCCertificate": "_cert _create_ssl_context _key",
    "aiortc.rtcdtlstransport:RTCDtlsTransport": (
        "__handshake_done __local_certificate __rx_bytes __rx_packets __tx_bytes __tx_packets _data_receiver"
        " _do_handshake _handle_rtcp_data"
        " _handle_rtp_data _recv_next _role _rtp_header_extensions_map _rtp_router _rx_srtp _ssl _state _tx_srtp"
        " _write_ssl"
    ),
    "aiortc.rtcicetransport:RTCIceTransport": "_connection",
    "aiortc.rtcpeerconnection": "find_common_codecs",
    "aiortc.rtcpeerconnection:RTCPeerConnection": "__connect __iceTransports",
    "aiortc.rtcrtpreceiver:RTCRtpReceiver": (
        "__codecs __decoder_queue __jitter_buffer __nack_generator __remote_bitrate_estimator __remote_streams"
        " __rtcp_ssrc __rtx_ssrc _data _enabled _handle_rtcp_packet _send_rtcp _send_rtcp_nack _send_rtcp_pli"
    ),
    "aiortc.rtcrtpsender:RTCRtpSender": (
        "__mid __ntp_timestamp __octet_count __packet_count __rtp_header_extensions_map __rtp_timestamp"
        " __rtx_payload_type __rtx_sequence_number _handle_rtcp_packet _next_encoded_frame _rtx_ssrc _send_keyframe"
        " _ssrc"
    ),
    "aiortc.rtcrtptransceiver:RTCRtpTransceiver": "_codecs _headerExtensions _offerDirection",
    "aiortc.rtcsctptransport:RTCSctpTransport": (
        "_advertised_rwnd _association_state _cwnd _data_channel_flush _data_channel_queue _data_channel_receive"
        " _data_channel_send _fast_recovery_exit _flight_size _flight_size_decrease _forward_tsn_chunk _handle_data"
        " _inbound_streams _last_received_tsn _last_sacked_tsn _local_port _local_tsn _local_verification_tag"
        " _mark_received _maybe_abandon _outbound_queue _partial_bytes_acked _receive _receive_chunk"
        " _receive_data_chunk _receive_forward_tsn_chunk _receive_sack_chunk _reconfig_queue"
        " _remote_max_message_size _remote_port _remote_verification_tag _sack_duplicates _sack_misordered"
        " _sack_needed _send_chunk _send_sack _sent_queue _srtt _ssthresh _t3_cancel _t3_handle _t3_restart"
        " _t3_start _transmit _update_advanced_peer_ack_point _update_rto"
        " _abandoned _acked _book_size _expiry _in_flight _max_retransmits _misses _retransmit _sent_count"
        " _sent_time"  # and those before it of the chunks
    ),
    "aiortc.rtcsctptransport": "LOCAL_MAX_MESSAGE_SIZE decode_params parse_packet",
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


def use_loopback_when_alone() -> None:
    """Offer 127.0.0.1 where the machine has no other address: aioice leaves it out, so nothing could connect."""

    def keep_loopback(others: Callable[[bool, bool], list[str]]) -> Callable[[bool, bool], list[str]]:
        return lambda use_ipv4, use_ipv6: others(use_ipv4, use_ipv6) or ["127.0.0.1"]

    patch(aioice.ice, "get_host_addresses", keep_loopback)


def _skip_silence_at_once() -> None:
    """Begin the counter of the bitrate anew after a pause: aiortc goes through it by the millisecond, on the loop.

    A camera that was off for ten minutes costs 0.2 s, a clock that was set 2.4 hours ahead 3.3 s.
    """

    def erase_at_once(erase: Callable[[Any, int], None]) -> Callable[[Any, int], None]:
        def erase_old(self: Any, now_ms: int) -> None:
            if now_ms - self._origin_ms > 2 * self._window_size:
                self.reset()
                self._origin_ms = now_ms - self._window_size + 1
            else:
                erase(self, now_ms)

        return erase_old

    patch(aiortc.rate.RateCounter, "_erase_old", erase_at_once)
