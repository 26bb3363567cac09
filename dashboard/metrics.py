"""`/metrics`: the numbers of `dashboard.health` as Prometheus reads them, with a histogram of what each stage took.

    python app.py --source 0 --metrics
    curl http://127.0.0.1:7860/metrics

Made anew for each question from numbers that are counted anyway, so that nothing is kept twice.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from inference.errors import AccessError
from inference.tally import BUCKETS_MS, Reading

COUNTERS = {
    "frames": "Frames of cameras, webcams and recordings that were looked at",
    "frames_failed": "Frames that could not be looked at",
    "photos": "Photographs that were scored",
    "photos_failed": "Photographs that could not be read",
    "skipped": "Frames of the first camera of this machine that were passed over because a newer one was there",
}
GAUGES = {
    "up_seconds": "Seconds since the start",
    "frames_per_second": "Frames of the first camera of this machine that are looked at per second",
    "camera_gone_seconds": "Seconds since the last picture of the first camera of this machine, while it is gone",
    "waiting": "Requests that wait for their turn",
    "webcams": "Webcams of browsers that stream",
    "uploads_megabytes": "Uploads that lie on the disk, millions of bytes",
}


def must_be_installed() -> None:
    """Raises AccessError, before anything is started, where the library is not there."""
    try:
        import prometheus_client  # noqa: F401
    except ImportError:
        raise AccessError("--metrics needs the package prometheus-client. Run: pip install prometheus-client") from None


def written(numbers: Mapping[str, Any], reading: Reading, refused: Mapping[str, int]) -> tuple[bytes, str]:
    """In Prometheus's text format, and its media type."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(numbers, reading, refused))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Numbers:
    """A collector, in the words of prometheus_client."""

    def __init__(self, numbers: Mapping[str, Any], reading: Reading, refused: Mapping[str, int]) -> None:
        self._numbers, self._reading, self._refused = numbers, reading, refused

    def collect(self) -> Iterator[Any]:
        """Everything that is known; a number that this run does not have is left out."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily

        yield InfoMetricFamily("taido", "What computes", {"provider": str(self._numbers["provider"])})
        for name, about in COUNTERS.items():
            if self._numbers[name] is not None:
                yield CounterMetricFamily(f"taido_{name}", about, self._numbers[name])
        for name, about in GAUGES.items():
            if self._numbers[name] is not None:
                yield GaugeMetricFamily(f"taido_{name}", about, self._numbers[name])
        refusals = CounterMetricFamily("taido_refused", "Requests that were refused, and why", labels=["reason"])
        for reason, count in sorted(self._refused.items()):
            refusals.add_metric([reason], count)
        yield refusals
        stages = HistogramMetricFamily("taido_stage_seconds", "What each stage took per frame", labels=["stage"])
        for stage, took in sorted(self._reading.took.items()):
            stages.add_metric([stage], _cumulated(took.buckets), took.milliseconds / 1000)
        yield stages


def _cumulated(buckets: list[int]) -> list[tuple[str, float]]:
    """Prometheus wants how many took at most so long, in seconds."""
    sums, total = [], 0
    for bound, count in zip((*(f"{bound / 1000:g}" for bound in BUCKETS_MS), "+Inf"), buckets, strict=True):
        total += count
        sums.append((bound, float(total)))
    return sums
