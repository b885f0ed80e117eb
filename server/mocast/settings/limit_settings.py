"""How much of the server one client, or all of them, may take."""

from pydantic import BaseModel, Field

from mocast.tracking.cores import usable_cores


class LimitSettings(BaseModel):
    """How much of the server one client, or all of them, may take."""

    max_sessions: int = Field(
        0,
        ge=0,
        description="Publishers at a time; more get 503. One that has several people tracked counts as so many. "
        "0: two for each usable core.",
    )
    max_sessions_per_principal: int = Field(
        0, ge=0, description="Publishers of one principal at a time; more get 429. 0: as many as there may be."
    )
    max_sessions_per_address: int = Field(
        16,
        ge=0,
        description="Publishers from one address at a time; more get 429. 0: as many as there may be. IPv6 "
        "addresses count by their first 64 bits, this machine's own do not count.",
    )
    max_viewers: int = Field(64, ge=0, description="Viewers at a time; more get 503.")
    max_viewers_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_viewers_per_address: int = Field(32, ge=0, description="The same from one address; more get 429.")
    max_sockets: int = Field(64, ge=0, description="WebSocket readers at a time; more get 503.")
    max_sockets_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_sockets_per_address: int = Field(32, ge=0, description="The same from one address; more get 429.")
    max_uploads: int = Field(
        64, ge=0, description="Still pictures at a time, from the request to the answer; more get 503."
    )
    max_uploads_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_uploads_per_address: int = Field(8, ge=0, description="The same from one address; more get 429.")
    image_workers: int = Field(
        1, ge=1, le=64, description="Still pictures processed at a time; they take turns with rooms."
    )
    image_queue: int = Field(16, ge=0, le=1024, description="Still pictures that may wait; more get 503.")
    max_connections: int = Field(2048, ge=16, description="Connections by HTTP at a time; more get 503.")
    max_connections_per_address: int = Field(
        256,
        ge=0,
        description="The same from one address; more get 429. 0: as many as there may be. Those of `trusted_proxies` "
        "and this machine's own do not count.",
    )
    request_rate_per_principal: float = Field(
        0, ge=0, description="Requests a second of one principal, on average over 10 s; more get 429. 0: any number."
    )
    request_rate_per_address: float = Field(
        100, ge=0, description="Requests a second from one address, on average over 10 s; more get 429. 0: any number."
    )
    memory_share: float = Field(
        0.9,
        gt=0,
        le=1,
        description="Part of the container's memory limit above which new clients get 503. 1: they are always taken.",
    )
    connect_timeout_s: float = Field(15, gt=0, le=120, description="Seconds that a session may take to connect.")
    media_timeout_s: float = Field(
        30, gt=0, le=600, description="Seconds without a picture from a publisher after which its session ends."
    )
    max_session_s: float = Field(
        0, ge=0, description="Longest session of a publisher or viewer, in seconds. 0: any length."
    )
    max_offer_bytes: int = Field(65_536, ge=4_096, description="Largest SDP offer, in bytes; larger ones get 413.")
    max_candidates: int = Field(
        64, ge=1, le=256, description="ICE candidates of a session, in the offer and later; more get 422."
    )
    max_message_bytes: int = Field(
        16_384, ge=1_024, le=65_536, description="Largest message on the data channel `control`; larger ones get 413."
    )
    max_message_rate: float = Field(
        50,
        gt=0,
        description="Messages a second from a client, on data channels or a WebSocket; more are refused (429), four "
        "times as many end the session.",
    )
    max_input_pixels: int = Field(
        9_437_184,
        ge=4_096,
        le=33_554_432,
        description="Largest picture of a camera, width times height (at first 4096x2304); a larger one ends it.",
    )
    max_input_fps: float = Field(
        60,
        ge=1,
        description="Frames of a camera that are tracked a second; more are dropped, four times as many end it.",
    )
    max_input_bitrate: int = Field(
        20_000_000,
        ge=100_000,
        description="Bits a second that a client is told to send at most; a quarter more for seconds ends its session.",
    )

    @property
    def session_limit(self) -> int:
        """Publishers at a time, with the default worked out."""
        return self.max_sessions or 2 * usable_cores()
