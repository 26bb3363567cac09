"""What a person sees in the browser: one module per page. No maths, no class names, no torch; numbers come from `inference`."""

from dashboard.choice import Choice
from dashboard.live_camera import MachineCamera
from dashboard.page import build, launch_settings

__all__ = ["Choice", "MachineCamera", "build", "launch_settings"]
