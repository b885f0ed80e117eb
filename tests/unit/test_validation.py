import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from mocast.errors import Unprocessable
from mocast.model.gestures import CustomGesture
from mocast.model.options import DrawOptions, ImageOptions, PublishRequest, SessionOptions
from mocast.validation import MOST_ERRORS, read_change, read_json, read_query, to_json

texts = st.text(max_size=20)
some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from([*to_json(SessionOptions()), "return", "format", "replace", "other"])


def test_an_empty_query_is_the_defaults() -> None:
    request = read_query(PublishRequest, {})
    assert request.options == SessionOptions()
    assert (request.options.return_, request.format, request.replace) == ("video", "binary", None)


def test_a_full_query_is_read() -> None:
    query = {
        **{"tracker": "pose", "quality": "fast", "return": "none", "pace": "smooth", "format": "json"},
        **{"overlay": "mesh, classic", "hud": "true", "confidence": "0.25", "line_width": "2", "opacity": "0.5"},
        **{"background": "dim", "privacy": "blur", "mirror": "true", "replace": "an-id"},
    }
    request = read_query(PublishRequest, query)
    draw = DrawOptions(("mesh", "classic"), 0.25, 2, 0.5, "dim", "blur", True)
    assert request.options == SessionOptions("pose", "fast", draw=draw, pace="smooth", hud=True, return_="none")
    assert (request.options.return_, request.format, request.replace) == ("none", "json", "an-id")


def test_an_empty_overlay_draws_nothing_and_a_repeated_one_is_drawn_once() -> None:
    assert read_query(PublishRequest, {"overlay": ""}).options.draw.overlay == ()
    assert read_query(PublishRequest, {"overlay": "mesh,limbs,mesh"}).options.draw.overlay == ("mesh", "limbs")


@pytest.mark.parametrize(
    ("query", "name", "allowed"),
    [
        ({"tracker": "feet"}, "tracker", "'holistic', 'pose', 'hands' or 'face'"),
        ({"return": "sound"}, "return", "'video' or 'none'"),
        ({"confidence": "1.5"}, "confidence", "less than or equal to 1"),
        ({"confidence": "nan"}, "confidence", "a finite number"),
        ({"line_width": "0"}, "line_width", "greater than or equal to 0.25"),
        ({"mirror": "maybe"}, "mirror", "a valid boolean"),
        ({"overlay": "mesh,stars"}, "overlay", "'classic', 'limbs', 'rainbow', 'mesh' or 'contours'"),
        ({"replace": ""}, "replace", "at least 1 character"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(query: dict[str, str], name: str, allowed: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        read_query(PublishRequest, query)
    (error,) = caught.value.errors
    assert str(caught.value).startswith(f'Option "{name}" is not valid: ')
    assert str(caught.value).endswith(error["detail"][1:])
    assert error["parameter"] == name
    assert allowed in error["detail"]


def test_all_errors_are_listed_each_with_its_place() -> None:
    with pytest.raises(Unprocessable) as caught:
        read_query(PublishRequest, {"tracker": "feet", "hud": "maybe", "opacity": "0.5", "colour": "red"})
    assert [error["parameter"] for error in caught.value.errors] == ["tracker", "hud", "colour"]
    assert str(caught.value).endswith("(the first of 3 errors).")
    with pytest.raises(Unprocessable) as caught:
        read_change(SessionOptions(), {"overlay": ["mesh", "stars"], "a/b c": 1})
    assert [error["pointer"] for error in caught.value.errors] == ["#/overlay/1", "#/a~1b%20c"]


def test_errors_without_end_are_not_all_listed() -> None:
    with pytest.raises(Unprocessable) as caught:
        read_change(SessionOptions(), {f"option{number}": 1 for number in range(1000)})
    assert len(caught.value.errors) == MOST_ERRORS
    assert "of 1000 errors" in str(caught.value)


@pytest.mark.parametrize("name", ["overlay", "events", "exercises"])
def test_of_a_list_without_end_the_first_error_is_enough(name: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        read_change(SessionOptions(), {name: [0] * 8000})
    assert [error["pointer"] for error in caught.value.errors] == [f"#/{name}/0"]


def test_a_list_of_another_length_is_told_both_lengths() -> None:
    with pytest.raises(Unprocessable, match=r'^Option "features" is not valid: list .* at least 26 items, not 2\.$'):
        read_json(CustomGesture, {"name": "spider", "features": [0.1, 0.2]})


def test_an_unknown_option_is_named_with_those_there_are() -> None:
    with pytest.raises(Unprocessable, match=r'"colour" .* no such option; there are tracker, .*, return, .* replace'):
        read_query(PublishRequest, {"colour": "red"})


def test_an_option_given_twice_is_refused() -> None:
    with pytest.raises(Unprocessable, match=r'"tracker" .* more than once'):
        read_query(PublishRequest, MultiDict([("tracker", "pose"), ("tracker", "face")]))


def test_a_clients_long_words_are_not_repeated_in_full() -> None:
    with pytest.raises(Unprocessable) as caught:
        read_query(PublishRequest, {"x" * 5000: "y"})
    assert len(str(caught.value)) < 450
    assert len(caught.value.errors[0]["parameter"]) < 100


@pytest.mark.parametrize("name", ["hud", "pace", "return", "format", "replace"])
def test_what_means_nothing_for_a_still_picture_is_refused_there(name: str) -> None:
    with pytest.raises(Unprocessable, match="no such option"):
        read_query(ImageOptions, {name: "true"})


def test_the_best_quality_is_for_pictures_and_a_live_session_is_told_so() -> None:
    assert read_query(ImageOptions, {"quality": "best"}).quality == "best"
    why = 'Option "quality" is not valid: best is for files and still pictures; a live session takes exact, balanced or'
    with pytest.raises(Unprocessable, match=why):
        read_query(PublishRequest, {"quality": "best"})
    with pytest.raises(Unprocessable, match=why):
        read_change(SessionOptions(), {"quality": "best"})
    with pytest.raises(Unprocessable, match="input should be 'exact', 'balanced' or 'fast'"):
        read_query(PublishRequest, {"quality": "worst"})


def test_an_image_query_is_read() -> None:
    assert read_query(ImageOptions, {"tracker": "face", "mirror": "true"}) == ImageOptions(
        tracker="face", draw=DrawOptions(mirror=True)
    )


def test_a_change_leaves_the_other_settings() -> None:
    current = read_query(PublishRequest, {"tracker": "pose", "hud": "true", "opacity": "0.5"}).options
    changed = read_change(current, {"overlay": ["mesh"], "opacity": 1, "pace": "smooth"})
    assert changed == SessionOptions("pose", draw=DrawOptions(overlay=("mesh",), opacity=1.0), pace="smooth", hud=True)
    assert read_change(current, {}) == current


@pytest.mark.parametrize(
    "change",
    [
        {"mirror": "true"},
        {"mirror": 1},
        {"mirror": None},
        {"overlay": "mesh"},
        {"confidence": "0.5"},
        {"confidence": True},
        {"return": None},
        {"format": "json"},
        {"replace": "x"},
    ],
)
def test_a_change_must_have_json_types_and_only_live_settings(change: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable):
        read_change(SessionOptions(), change)


@pytest.mark.parametrize("json", [None, [], "overlay", 1])
def test_settings_that_are_no_object_are_refused(json: object) -> None:
    with pytest.raises(Unprocessable, match="JSON object"):
        read_change(SessionOptions(), json)


def test_settings_come_back_as_they_were_sent() -> None:
    options = read_query(
        PublishRequest, {"tracker": "pose", "overlay": "mesh", "line_width": "3", "hud": "true"}
    ).options
    sent = json.loads(json.dumps(to_json(options)))
    assert read_change(SessionOptions(), sent) == options
    assert set(sent) == {
        *("tracker", "quality", "pace", "overlay", "hud", "return", "confidence", "line_width"),
        *("opacity", "background", "privacy", "mirror", "smoothing", "body", "root", "field_of_view"),
        *("camera", "camera_tilt", "camera_height"),
        *("people", "expression_style", "exercises", "withhold", "hand_features", "events", "hud_angles"),
    }


@given(st.dictionaries(names | texts, texts, max_size=4))
def test_any_query_is_read_or_refused(query: dict[str, str]) -> None:
    for kind in (PublishRequest, ImageOptions):
        with suppress(Unprocessable):
            read_query(kind, query)


@given(st.dictionaries(names | texts, some_json, max_size=4) | some_json)
def test_any_json_is_read_or_refused(sent: object) -> None:
    with suppress(Unprocessable):
        read_change(SessionOptions(), sent)


@pytest.mark.parametrize("value", ["\ud800", 2**80, float("nan"), {"a": [None]}])
def test_odd_values_can_be_repeated_in_the_refusal(value: object) -> None:
    with pytest.raises(Unprocessable) as caught:
        read_change(SessionOptions(), {"tracker": value, "overlay": []})
    assert str(caught.value).encode()
