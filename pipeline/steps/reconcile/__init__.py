"""Vault ⇔ catalogue ⇔ journal ⇔ bus ⇔ log: everything that should be there is, and nothing else (I1, I2, I4, I7, K4).

A list of small checks, one module a subject; every breach names what it concerns and what to do.
"""

from callwarden.steps.reconcile.keys import damage, foreign_keys
from callwarden.steps.reconcile.step import Reconciler
from callwarden.steps.reconcile.values import Breach, LandingCount, Report

__all__ = ["Breach", "LandingCount", "Reconciler", "Report", "damage", "foreign_keys"]
