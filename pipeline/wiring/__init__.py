"""The only importer of adapters: plain calls that build the system the settings describe.

`surroundings` (clocks, folders, topics) · `parts` (the adapters) · `system` (what is made of them) · `log` and `speech`
(what only some commands need, and takes long to load).
"""

from callwarden.shipped import shipped_config
from callwarden.wiring.surroundings import (
    EVENT_LIMIT,
    FixedClock,
    SystemClock,
    private_folder,
    proxies_to,
    speech_model_folder,
    topics,
)
from callwarden.wiring.system import System, open_system, trusted_keys

__all__ = [
    "EVENT_LIMIT",
    "FixedClock",
    "System",
    "SystemClock",
    "open_system",
    "private_folder",
    "proxies_to",
    "shipped_config",
    "speech_model_folder",
    "topics",
    "trusted_keys",
]
