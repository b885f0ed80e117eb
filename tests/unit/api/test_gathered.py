"""Answers of several nodes as one."""

import orjson
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from mocast.api.gathered import counts_added, lists_merged, metrics_merged


def page(count: int) -> bytes:
    registry = CollectorRegistry()
    Counter("requests", 'Requests, with a "{" in the text', ["limit"], registry=registry).labels('a"} b').inc(count)
    Counter("starts", "Starts", registry=registry).inc(count)
    histogram = Histogram("late", "Lateness", registry=registry, buckets=(0.1, 1))
    histogram.observe(0.5)
    return generate_latest(registry)


def test_metrics_of_all_workers_are_one_valid_page_with_a_label() -> None:
    merged = metrics_merged([("0", page(1)), ("1", page(2))]).decode()
    families = list(text_string_to_metric_families(merged))
    assert len({family.name for family in families}) == len(families), "each family is there once"
    found = {
        (sample.name, sample.labels["worker"]): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith(("_created", "_bucket"))
    }
    assert (found["starts_total", "0"], found["starts_total", "1"]) == (1, 2)
    assert (found["requests_total", "0"], found["requests_total", "1"]) == (1, 2)
    assert found["late_count", "1"] == 1
    assert merged.count("# TYPE late histogram") == 1


def test_lists_are_joined_and_counts_added() -> None:
    answers = [
        ("a", orjson.dumps({"rooms": [1], "sessions": 2, "x": 1})),
        ("b", orjson.dumps({"rooms": [2], "sessions": 3})),
    ]
    assert orjson.loads(lists_merged("rooms")(answers)) == {"rooms": [1, 2]}
    assert orjson.loads(counts_added(["sessions"])(answers)) == {"rooms": [1], "sessions": 5, "x": 1}
