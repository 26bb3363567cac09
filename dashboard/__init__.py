"""What a person sees in the browser: one module per page. No maths, no class names, no torch; numbers come from `inference`."""

from dashboard.access import Access
from dashboard.api import must_have_mcp
from dashboard.choice import Choice
from dashboard.health import Health
from dashboard.live_camera import MachineCamera
from dashboard.logs import clean_log
from dashboard.metrics import must_be_installed as must_have_metrics
from dashboard.page import build, launch_settings
from dashboard.serving import Serving

__all__ = [
    "Access",
    "Choice",
    "Health",
    "MachineCamera",
    "Serving",
    "build",
    "clean_log",
    "launch_settings",
    "must_have_mcp",
    "must_have_metrics",
]
