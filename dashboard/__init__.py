"""What a person sees in the browser: one module per page. No maths, no class names, no torch; numbers come from `inference`."""

from dashboard.choice import Choice
from dashboard.page import build, launch_settings

__all__ = ["Choice", "build", "launch_settings"]
