"""The only importer of adapters: plain calls that build the system the settings describe.

`surroundings` (clocks, folders, topics) · `parts` (the adapters) · `system` (what is made of them) · `log` and `speech`
(what only some commands need, and takes long to load).
"""

from pipeline.wiring.surroundings import FixedClock, SystemClock, private_folder, shipped_config, topics
from pipeline.wiring.system import System, open_system, trusted_keys

__all__ = [
    "FixedClock",
    "System",
    "SystemClock",
    "open_system",
    "private_folder",
    "shipped_config",
    "topics",
    "trusted_keys",
]
