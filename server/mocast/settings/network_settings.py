"""Ways by which media comes and goes."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from mocast.outputs.destination import parse_networks
from mocast.settings.text import Networks, split
from mocast.webrtc.ice import (
    Credentials,
    IceOptions,
    parse_interfaces,
    parse_port_range,
    parse_public_addresses,
    parse_turn_url,
)


class NetworkSettings(BaseModel):
    """Ways by which media comes and goes."""

    udp_port: int = Field(
        0, ge=0, le=65535, description="One UDP port for all sessions' media. 0: each session has ports of its own."
    )
    ice_tcp: bool = Field(
        False, description="Take media by TCP, too, on `udp_port`'s number, for clients whose network blocks UDP."
    )
    udp_ports: str = Field(
        "",
        description="UDP ports of the sessions, one each for every address (`50000-50100`); without a free one: 503. "
        "Empty: any that the system hands out.",
    )
    public_ips: str = Field(
        "",
        description="Addresses that 1:1 NAT maps to this machine's, comma-separated: `203.0.113.7`, or with the local "
        "one behind it `203.0.113.7/10.0.0.5`; IPv6, too. Clients are told them beside the local ones.",
    )
    ice_interfaces: str = Field(
        "",
        description="Where media may come in: interfaces (`eth0`) and networks (`192.168.1.0/24`), comma-separated. "
        "Empty: every address but loopback's.",
    )
    ice_policy: Literal["all", "relay"] = Field(
        "all", description="`relay`: clients reach the server by `ice_turn_url` alone; it tells them no other address."
    )
    ice_turn_url: str = Field(
        "",
        description="TURN server by which clients may reach this server (`turn:relay.example.org:3478?transport=tcp`, "
        "`turns:`). It must take `turn_secret`.",
    )
    ice_denied_networks: Networks = Field(
        "",
        description="Networks to which no connectivity check is sent, whatever address a client names, "
        "comma-separated: on the Internet those behind the server (`10.0.0.0/8`), if no TURN server is there.",
    )
    stun_urls: str = Field("", description="STUN servers for clients, comma-separated (`stun:host:3478`).")
    turn_urls: str = Field(
        "",
        description="TURN servers for clients, comma-separated; `{host}` becomes the page's own host name "
        "(`turn:{host}:3478?transport=udp`).",
    )
    turn_secret: SecretStr | None = Field(
        None, description="Secret shared with the TURN server (coturn's `static-auth-secret`)."
    )
    turn_secret_file: Path | None = Field(
        None, description="File that holds the secret, in place of `turn_secret`; created where it is missing."
    )
    turn_ttl_s: int = Field(3600, ge=60, description="How long TURN credentials last.")

    @field_validator("turn_urls")
    @classmethod
    def _are_turn_urls(cls, text: str) -> str:
        for url in split(text):
            parse_turn_url(url)
        return text

    @field_validator("ice_turn_url")
    @classmethod
    def _is_turn_url(cls, text: str) -> str:
        if text and parse_turn_url(text).host == "{host}":
            raise ValueError("the server itself needs the TURN server's name in place of {host}")
        return text

    @field_validator("udp_ports")
    @classmethod
    def _is_port_range(cls, text: str) -> str:
        parse_port_range(text)
        return text

    @field_validator("public_ips")
    @classmethod
    def _are_public_addresses(cls, text: str) -> str:
        parse_public_addresses(split(text))
        return text

    @field_validator("ice_interfaces")
    @classmethod
    def _are_interfaces(cls, text: str) -> str:
        parse_interfaces(split(text))
        return text

    @model_validator(mode="after")
    def _ice(self) -> "NetworkSettings":
        if self.udp_port and self.udp_ports:
            raise ValueError("udp_port and udp_ports exclude each other")
        if self.ice_tcp and not self.udp_port:
            raise ValueError("ice_tcp needs udp_port, whose number it takes")
        if self.ice_policy == "relay" and not self.ice_turn_url:
            raise ValueError("ice_policy relay needs ice_turn_url")
        if self.ice_turn_url and not self.turn_secret and not self.turn_secret_file:
            raise ValueError("ice_turn_url needs turn_secret or turn_secret_file")
        if self.turn_urls and not self.turn_secret and not self.turn_secret_file:
            raise ValueError("turn_urls needs turn_secret or turn_secret_file")
        return self

    def ice_options(self, relay_credentials: Callable[[], Credentials]) -> IceOptions:
        """Return how the server takes part in ICE."""
        return IceOptions(
            udp_port=self.udp_port,
            tcp=self.ice_tcp,
            udp_ports=parse_port_range(self.udp_ports),
            public_addresses=parse_public_addresses(split(self.public_ips)),
            interfaces=parse_interfaces(split(self.ice_interfaces)),
            relay_only=self.ice_policy == "relay",
            relay=parse_turn_url(self.ice_turn_url) if self.ice_turn_url else None,
            relay_credentials=relay_credentials,
            denied=parse_networks(split(self.ice_denied_networks)),
        )
