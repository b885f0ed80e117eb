"""What one node believes of another: only what it has signed, for this call, in the last minute."""

from mocast.cluster.node_signature import TAG_CHARACTERS, TOLERANCE_S, NodeSignature

CALL = ("1", "POST", "/v1/rooms/a/publish?tracker=pose", "203.0.113.7", "")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_what_another_node_has_signed_is_believed_and_nothing_else() -> None:
    signed = NodeSignature("the same secret").sign(*CALL)
    same, other = NodeSignature("the same secret"), NodeSignature("another secret")
    assert same.is_valid(signed, *CALL)
    assert not other.is_valid(signed, *CALL)
    for place, text in enumerate(("2", "GET", "/v1/rooms/b/publish", "198.51.100.1", "/prefix")):
        assert not same.is_valid(signed, *CALL[:place], text, *CALL[place + 1 :])


def test_a_signature_is_valid_for_a_minute() -> None:
    clock = Clock()
    signature = NodeSignature("secret", clock)
    signed = signature.sign(*CALL)
    clock.now += TOLERANCE_S
    assert signature.is_valid(signed, *CALL)
    clock.now += 1
    assert not signature.is_valid(signed, *CALL)


def test_what_clients_make_up_is_refused() -> None:
    signature = NodeSignature("secret")
    for text in ("", ".", "1.", "١٢.ab", "1e9.ab", f"{10**15}.ab", "-1.00", "1.é"):
        assert not signature.is_valid(text, *CALL)


def test_a_tag_is_the_same_after_a_restart_and_tells_no_name() -> None:
    tag = NodeSignature("secret").tag("node-0")
    assert tag == NodeSignature("secret").tag("node-0")
    assert len(tag) == TAG_CHARACTERS
    assert tag not in (NodeSignature("secret").tag("node-1"), NodeSignature("other").tag("node-0"))


def test_what_is_no_signature_at_all_is_not_valid() -> None:
    clock = Clock()
    signature = NodeSignature("secret", clock)
    for signed in ("", "x", ".", "1000000.", "1000000.\udcff", "²", "-1.0", "9" * 5000 + ".0"):
        assert not signature.is_valid(signed, *CALL)
