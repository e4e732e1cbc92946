"""`callwarden demo`: the main job, end to end, on sample calls; no server needed."""

from callwarden.workers.demo.run import run_demo

__all__ = ["run_demo"]
