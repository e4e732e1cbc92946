"""Litigation holds: placed and released by people, made fast in the vault by the worker (K3)."""

from pipeline.steps.holds.desk import HoldDesk, Placed, Released
from pipeline.steps.holds.step import Holds

__all__ = ["HoldDesk", "Holds", "Placed", "Released"]
