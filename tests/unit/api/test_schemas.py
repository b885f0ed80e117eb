import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from mocast.api.schemas import parse_image_query, parse_publish_query, parse_settings, settings_json
from mocast.errors import Unprocessable
from mocast.model.options import DrawOptions, SessionOptions

texts = st.text(max_size=20)
some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([*settings_json(SessionOptions()), "return", "format", "replace", "other"])


def test_an_empty_query_is_the_defaults() -> None:
    request = parse_publish_query({})
    assert request.options == SessionOptions()
    assert (request.returns, request.format, request.replace) == ("video", "binary", None)


def test_a_full_query_is_read() -> None:
    query = {
        **{"tracker": "pose", "quality": "fast", "return": "none", "pace": "smooth", "format": "json"},
        **{"overlay": "mesh, classic", "hud": "true", "confidence": "0.25", "line_width": "2", "opacity": "0.5"},
        **{"background": "dim", "privacy": "blur", "mirror": "true", "replace": "an-id"},
    }
    request = parse_publish_query(query)
    draw = DrawOptions(("mesh", "classic"), True, 0.25, 2, 0.5, "dim", "blur", True)
    assert request.options == SessionOptions("pose", "fast", "smooth", draw)
    assert (request.returns, request.format, request.replace) == ("none", "json", "an-id")


def test_an_empty_overlay_draws_nothing_and_a_repeated_one_is_drawn_once() -> None:
    assert parse_publish_query({"overlay": ""}).options.draw.overlay == ()
    assert parse_publish_query({"overlay": "mesh,limbs,mesh"}).options.draw.overlay == ("mesh", "limbs")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"tracker": "feet"}, '"tracker" cannot be "feet": it must be holistic, pose, hands or face.'),
        ({"return": "sound"}, '"return" cannot be "sound": it must be video or none.'),
        ({"confidence": "1.5"}, '"confidence" cannot be "1.5": it must be a number from 0 to 1.'),
        ({"confidence": "nan"}, '"confidence" cannot be "nan": it must be a number from 0 to 1.'),
        ({"line_width": "0"}, '"line_width" cannot be "0": it must be a number from 0.25 to 4.'),
        ({"mirror": "maybe"}, '"mirror" cannot be "maybe": it must be true or false.'),
        (
            {"overlay": "mesh,stars"},
            '"overlay" cannot be "stars": it must be a list of any of classic, limbs, rainbow, mesh and contours.',
        ),
        ({"replace": ""}, '"replace" cannot be "": it must be text of 1 to 128 characters.'),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(query: dict[str, str], sentence: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        parse_publish_query(query)
    assert str(caught.value) == sentence


def test_an_unknown_setting_is_named_with_those_there_are() -> None:
    with pytest.raises(Unprocessable, match=r'no setting "colour" here; there are tracker, .*, return, .* replace'):
        parse_publish_query({"colour": "red"})


def test_a_setting_given_twice_is_refused() -> None:
    with pytest.raises(Unprocessable, match='"tracker" is given more than once'):
        parse_publish_query(MultiDict([("tracker", "pose"), ("tracker", "face")]))


def test_a_clients_long_words_are_not_repeated_in_full() -> None:
    with pytest.raises(Unprocessable) as caught:
        parse_publish_query({"x" * 5000: "y"})
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ["hud", "pace", "return", "format", "replace"])
def test_what_means_nothing_for_a_still_picture_is_refused_there(name: str) -> None:
    with pytest.raises(Unprocessable, match="no setting"):
        parse_image_query({name: "true"})


def test_an_image_query_is_read() -> None:
    assert parse_image_query({"tracker": "face", "mirror": "true"}) == SessionOptions(
        tracker="face", draw=DrawOptions(mirror=True)
    )


def test_a_change_leaves_the_other_settings() -> None:
    current = parse_publish_query({"tracker": "pose", "hud": "true", "opacity": "0.5"}).options
    changed = parse_settings({"overlay": ["mesh"], "opacity": 1, "pace": "smooth"}, current)
    assert changed == SessionOptions(
        "pose", "balanced", "smooth", DrawOptions(overlay=("mesh",), hud=True, opacity=1.0)
    )
    assert parse_settings({}, current) == current


@pytest.mark.parametrize(
    "change",
    [
        {"mirror": "true"},
        {"mirror": 1},
        {"mirror": None},
        {"overlay": "mesh"},
        {"confidence": "0.5"},
        {"confidence": True},
        {"return": "none"},
        {"replace": "x"},
    ],
)
def test_a_change_must_have_json_types_and_only_live_settings(change: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable):
        parse_settings(change, SessionOptions())


@pytest.mark.parametrize("json", [None, [], "overlay", 1])
def test_settings_that_are_no_object_are_refused(json: object) -> None:
    with pytest.raises(Unprocessable, match="JSON object"):
        parse_settings(json, SessionOptions())


def test_privacy_needs_a_tracker_that_sees_faces() -> None:
    with pytest.raises(Unprocessable, match="sees no face"):
        parse_publish_query({"tracker": "hands", "privacy": "blur"})
    with pytest.raises(Unprocessable, match="sees no face"):
        parse_settings({"tracker": "hands"}, parse_publish_query({"privacy": "blur"}).options)
    both = parse_settings({"tracker": "hands", "privacy": "off"}, parse_publish_query({"privacy": "blur"}).options)
    assert both.tracker == "hands"


def test_settings_come_back_as_they_were_sent() -> None:
    options = parse_publish_query({"tracker": "pose", "overlay": "mesh", "line_width": "3", "hud": "true"}).options
    sent = json.loads(json.dumps(settings_json(options)))
    assert parse_settings(sent, SessionOptions()) == options
    assert set(sent) == {
        *("tracker", "quality", "pace", "overlay", "hud", "confidence", "line_width"),
        *("opacity", "background", "privacy", "mirror", "smoothing", "body"),
    }


@given(st.dictionaries(names | texts, texts, max_size=4))
def test_any_query_is_read_or_refused(query: dict[str, str]) -> None:
    for parse in (parse_publish_query, parse_image_query):
        with suppress(Unprocessable):
            parse(query)


@given(st.dictionaries(names | texts, some_json, max_size=4) | some_json)
def test_any_json_is_read_or_refused(sent: object) -> None:
    with suppress(Unprocessable):
        parse_settings(sent, SessionOptions())


@pytest.mark.parametrize("value", ["\ud800", 2**80, float("nan"), {"a": [None]}])
def test_odd_values_can_be_repeated_in_the_refusal(value: object) -> None:
    with pytest.raises(Unprocessable) as caught:
        parse_settings({"tracker": value, "overlay": []}, SessionOptions())
    assert str(caught.value).encode()
