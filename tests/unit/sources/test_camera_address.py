"""The setting ``sources``: what an operator writes, and that nothing which is said of it holds a password."""

import pytest

from mocast.sources.camera_address import CameraOptions, parse_camera, parse_sources, read_camera_options


def test_an_address_s_own_query_is_the_camera_s_and_what_follows_the_hash_is_ours() -> None:
    url = "rtsp://admin:p%40ss@10.0.0.9:554/cam/realmonitor?channel=1&subtype=0"
    (source,) = parse_sources(f"studio={url}#tracker=pose&privacy=blur&quality=fast&transport=udp")
    assert (source.room, source.camera.kind, source.camera.url) == ("studio", "rtsp", url)
    assert source.camera.options == CameraOptions(transport="udp")
    session = source.session
    assert (session.tracker, session.quality, session.draw.privacy) == ("pose", "fast", "blur")


@pytest.mark.parametrize(
    ("address", "kind", "url"),
    [
        ("/dev/video0", "device", "/dev/video0"),
        ("screen", "screen", "screen"),
        ("clips/dance.mp4", "file", "clips/dance.mp4"),
        ("file:///clips/a%20dance.mp4", "file", "/clips/a dance.mp4"),
        (r"C:\clips\dance.mp4", "file", r"C:\clips\dance.mp4"),
        ("http://cam/video.mjpg?size=2", "http", "http://cam/video.mjpg?size=2"),
        ("rtsps://cam/1", "rtsp", "rtsps://cam/1"),
    ],
)
def test_kinds_of_cameras_are_told_by_their_addresses(address: str, kind: str, url: str) -> None:
    camera, options = parse_camera(f"{address}#loop=true")
    assert (camera.kind, camera.url, options) == (kind, url, {"loop": "true"})
    assert read_camera_options(camera, options).options.loop


def test_a_log_names_a_camera_without_what_may_be_secret() -> None:
    names = {
        "rtsp://admin:hunter2@cam.lan:8554/user=admin&password=hunter2?token=hunter2": "rtsp://cam.lan:8554",
        "http://[fd00::9]/video?pwd=hunter2": "http://[fd00::9]",
        "/home/me/dance.mp4": "dance.mp4",
        "/dev/video2": "/dev/video2",
        "rtsp:admin:hunter2@cam.lan": "cam.lan",
        "admin:hunter2@cam.lan": "cam.lan",
    }
    for address, name in names.items():
        camera, _ = parse_camera(address)
        assert camera.name == name
        assert "hunter2" not in repr(camera)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("rtsp://admin:hunter2@cam/1", "Source 1 is not written ROOM=ADDRESS."),
        ("studio=", "Source 1 is not written ROOM=ADDRESS."),
        ("a=screen a/b=rtsp://hunter2@cam/", "Source 2 is not written ROOM=ADDRESS."),
        ("a=screen a=rtsp://admin:hunter2@cam/1", 'Room "a" has two sources.'),
        ("a=rtmp://hunter2@cam/1", "begins with rtsp, rtsps, http, https, file"),
        ("a=rtsp://admin:hunter2/3@cam/1", "%2F"),
        ("a=rtsp://admin:12/hunter2@cam/1", "%2F"),
        ("a=rtsp://admin:hunter2#3@cam/1", "%23"),
        ("a=rtsp://admin:hunter2@/1", "USER:PASSWORD@HOST"),
        ("a=rtsp://cam/1#privacy", '"privacy" is not valid'),
        ("a=rtsp://cam/1#privacy=hunter2", '"privacy" is not valid'),
        ("a=rtsp://cam/1#speed=2", '"speed" is not valid: there is no such option; there are loop, transport'),
        ("a=screen#size=big", '"size" is not valid'),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence_without_the_address(setting: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        parse_sources(setting)
    assert sentence in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
