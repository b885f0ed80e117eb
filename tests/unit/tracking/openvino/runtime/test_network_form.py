import pytest

from mocast.errors import TrackingError
from mocast.tracking.openvino.runtime.network_form import NetworkForm


@pytest.mark.parametrize(
    ("form", "text", "floats"),
    [
        (NetworkForm(), "f32", "f32"),
        (NetworkForm("f16", "GPU.1"), "f16@GPU.1", "f16"),
        (NetworkForm("int8"), "int8", "f32"),
        (NetworkForm("int8_bf16"), "int8_bf16", "bf16"),
    ],
)
def test_a_form_is_told_and_read(form: NetworkForm, text: str, floats: str) -> None:
    assert (str(form), NetworkForm.parsed(text), form.floats) == (text, form, floats)
    assert form.is_quantised == text.startswith("int8")


def test_what_is_no_form_is_refused() -> None:
    with pytest.raises(TrackingError, match="'f8' is not what a network can compute with"):
        NetworkForm.parsed("f8")
