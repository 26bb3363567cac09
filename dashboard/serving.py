"""`Serving`: how the pages are offered in this run, decided when the app starts: to whom, how much, and with what beside them.

serving = Serving.of(Access.of("127.0.0.1"))
demo = build(classifier, choice, serving=serving)
demo.launch(**launch_settings(serving))
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from dashboard.access import Access
from dashboard.leaving import Uploads
from dashboard.limits import HOME, STRANGERS, Limits


@dataclass(frozen=True, kw_only=True)
class Serving:
    """Shared by all pages."""

    access: Access = field(default_factory=Access)
    limits: Limits = HOME
    uploads: Uploads = field(default_factory=Uploads)
    refused: Counter[str] = field(default_factory=Counter)
    """How often each sentence of the gate was said."""
    mcp: bool = False
    """Whether the endpoints are tools of the Model Context Protocol as well."""
    metrics: bool = False
    """Whether `/metrics` answers."""

    @classmethod
    def of(cls, access: Access, *, mcp: bool = False, metrics: bool = False, webcams: int | None = None) -> "Serving":
        """With the limits that go with who may come, or with another number of webcams."""
        limits = STRANGERS if access.space else HOME
        if webcams is not None:
            limits = replace(limits, webcams=webcams)
        return cls(access=access, limits=limits, mcp=mcp, metrics=metrics)
