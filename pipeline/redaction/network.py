"""Small networks that say of every word of a call how likely it is of each kind, and the file of their weights.

Each word's signs become one row of numbers; layers look at neighbours near and farther off, and one at the whole turn,
the two before it and the one behind. `tests/redaction/train.py` teaches it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callwarden.ports.pii import ModelMissingError

Array = NDArray[np.float32]

DISTANCES = (1, 1, 2, 4, 8)
"""How far off the neighbours stand that each layer looks at."""
TURNS_AT = 2
"""The layer before which turns are looked at as a whole."""


@dataclass(frozen=True, slots=True)
class Network:
    """Weights by name, and `read`."""

    weights: dict[str, Array] = field(repr=False)

    def word(self, vector: Array, word: int, ending: int, signs: Array) -> Array:
        """What a word brings wherever it stands."""
        w = self.weights
        own: Array = vector @ w["vectors"] + w["words"][word] + w["endings"][ending] + signs @ w["signs"] + w["first"]
        return own

    def read(self, words: Array, places: Array, turn_of: NDArray[np.int64]) -> Array:
        """Of each word the likelihood of every kind, from what it brings, its place and its turn (ascending)."""
        w = self.weights
        row = np.maximum(words + places @ w["places"], 0)
        for at, distance in enumerate(DISTANCES):
            if at == TURNS_AT:
                row = row + self._turns(row, turn_of)
            before, behind = np.zeros_like(row), np.zeros_like(row)
            before[distance:], behind[:-distance] = row[:-distance], row[distance:]
            around = np.concatenate([before, row, behind], axis=1)
            row = row + np.maximum(around @ w[f"layer{at}"] + w[f"bias{at}"], 0)
        out = row @ w["out"] + w["out_bias"]
        likely: Array = np.exp(out - out.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        return likely

    def _turns(self, row: Array, turn_of: NDArray[np.int64]) -> Array:
        w = self.weights
        seen = np.maximum(row @ w["turn"] + w["turn_bias"], 0)
        new = np.flatnonzero(np.diff(turn_of, prepend=-1))
        length = np.diff(np.append(new, len(row)))[:, None].astype(np.float32)
        most = np.maximum.reduceat(seen, new, axis=0)
        whole = np.concatenate([np.add.reduceat(seen, new, axis=0) / length, most], axis=1)
        earlier, before, behind = np.zeros_like(whole), np.zeros_like(whole), np.zeros_like(most)
        before[1:], earlier[2:], behind[:-1] = whole[:-1], whole[:-2], most[1:]
        told: Array = np.concatenate([whole, before, earlier, behind], axis=1) @ w["turns"]
        return told[np.repeat(np.arange(len(new)), length[:, 0].astype(np.int64))]


def load_networks(path: Path, rows: Mapping[str, int]) -> tuple[Network, ...]:
    """The networks in ``path``, which are asked together. Raises: `ModelMissingError` when it is missing or
    altered, or takes other signs than ``rows`` counts."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelMissingError(f"the learned reader ({path.name}) is missing: {_AGAIN}") from error
    if hashlib.sha256(data[:-_DIGEST]).digest() != data[-_DIGEST:]:
        raise ModelMissingError(f"the learned reader ({path.name}) is not what was shipped: {_AGAIN}")
    with np.load(BytesIO(data[:-_DIGEST]), allow_pickle=False) as file:
        together = {name: file[name].astype(np.float32) for name in file.files}
    other = [name for name, wanted in rows.items() if together[name].shape[1] != wanted]
    if other:
        raise ModelMissingError(
            f"the learned reader was taught with other {' and '.join(other)} than there are: name the model of the "
            f"shipped config/redaction.yaml, {_OFF}"
        )
    count = len(next(iter(together.values())))
    return tuple(Network({name: value[at] for name, value in together.items()}) for at in range(count))


def save_networks(networks: Sequence[Network], path: Path) -> None:
    """Write the weights at half precision, and behind them their digest."""
    file = BytesIO()
    together: dict[str, Any] = {
        name: np.stack([one.weights[name] for one in networks]).astype(np.float16)
        for name in sorted(networks[0].weights)
    }
    np.savez(file, **together)
    path.write_bytes(file.getvalue() + hashlib.sha256(file.getvalue()).digest())


_DIGEST = hashlib.sha256().digest_size
_OFF = "or set `learned: false` there"
_AGAIN = "install callwarden again, or set `learned: false` in config/redaction.yaml"
