"""The network of `callwarden.redaction.network` with what teaching needs: gradients, dropout, steps (numpy alone)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callwarden.redaction.fr.second_reader import KINDS
from callwarden.redaction.fr.signs import ENDINGS, OF_PLACE, OF_TURN, OF_WORD, WORDS
from callwarden.redaction.network import DISTANCES, TURNS_AT, Array, Network

WIDTH, OF_TURNS, OF_FREQUENT, OF_ENDING = 96, 32, 24, 12
APART = max(DISTANCES)
"""Empty rows between two calls of one step: none sees the other's words."""
DROPPED, SHRUNK, CLIPPED = 0.2, 0.01, 1.0

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Example:
    """One call: row, frequent word and ending of each word, its signs, its place, its turn, and what it is."""

    row: Ints
    word: Ints
    ending: Ints
    signs: Array
    places: Array
    turn: Ints
    kind: Ints


class Pupil:
    """Weights that are being taught. ``vectors`` has an empty last row."""

    def __init__(self, vectors: Array, chance: np.random.Generator) -> None:
        def some(rows: int, columns: int, size: float) -> Array:
            return (chance.standard_normal((rows, columns)) * size * np.sqrt(2 / rows)).astype(np.float32)

        self.vectors, self.chance = vectors, chance
        self.w: dict[str, Array] = {
            "frequent": some(WORDS, OF_FREQUENT, 4.5), "ending": some(ENDINGS, OF_ENDING, 2.3),
            "vectors": some(vectors.shape[1], WIDTH, 2), "signs": some(OF_WORD, WIDTH, 0.7),
            "places": some(OF_PLACE + OF_TURN, WIDTH, 0.7), "of_frequent": some(OF_FREQUENT, WIDTH, 0.7),
            "of_ending": some(OF_ENDING, WIDTH, 0.7), "first": np.zeros(WIDTH, np.float32),
            "turn": some(WIDTH, OF_TURNS, 1), "turn_bias": np.zeros(OF_TURNS, np.float32),
            "turns": some(7 * OF_TURNS, WIDTH, 0.3),
            "out": some(WIDTH, len(KINDS), 0.5), "out_bias": np.zeros(len(KINDS), np.float32),
        }  # fmt: skip
        for at in range(len(DISTANCES)):
            self.w |= {f"layer{at}": some(3 * WIDTH, WIDTH, 0.5), f"bias{at}": np.zeros(WIDTH, np.float32)}
        self._mean = {name: np.zeros_like(value) for name, value in self.w.items()}
        self._square = {name: np.zeros_like(value) for name, value in self.w.items()}
        self._steps = 0

    def network(self) -> Network:
        """What was learnt, as it is read with."""
        own = {n: v for n, v in self.w.items() if n not in ("frequent", "ending", "of_frequent", "of_ending")}
        words, endings = self.w["frequent"] @ self.w["of_frequent"], self.w["ending"] @ self.w["of_ending"]
        return Network({**own, "words": words, "endings": endings})

    def step(self, examples: Sequence[Example], rate: float) -> float:
        """Learn a little from some calls; says how far off the answers were."""
        loss, slopes = self._slopes(examples)
        self._steps += 1
        length = float(np.sqrt(sum(float((slope * slope).sum()) for slope in slopes.values())))
        for name, slope in slopes.items():
            slope = slope * min(1.0, CLIPPED / max(length, 1e-9))
            mean, square = self._mean[name], self._square[name]
            mean += 0.1 * (slope - mean)
            square += 0.02 * (slope * slope - square)
            move = mean / (1 - 0.9**self._steps) / (np.sqrt(square / (1 - 0.98**self._steps)) + 1e-8)
            self.w[name] -= rate * (move + (SHRUNK * self.w[name] if slope.ndim > 1 else 0))
        return loss

    def _slopes(self, examples: Sequence[Example]) -> tuple[float, dict[str, Array]]:
        w = self.w
        row, word, ending, signs, places, kind, real, turn_at, turn_of = _joined(examples)
        vectors, frequent, endings = self.vectors[row], w["frequent"][word], w["ending"][ending]
        own = vectors @ w["vectors"] + frequent @ w["of_frequent"] + endings @ w["of_ending"] + signs @ w["signs"]
        first = h = np.maximum(own + places @ w["places"] + w["first"], 0) * real * self._kept(len(row))
        layers: list[tuple[Array, Array]] = []
        for at, distance in enumerate(DISTANCES):
            if at == TURNS_AT:
                below = h
                seen = np.maximum(h @ w["turn"] + w["turn_bias"], 0) * real
                length = np.diff(np.append(turn_at, len(h)))[:, None].astype(np.float32)
                most = np.maximum.reduceat(seen, turn_at, axis=0)
                whole = np.concatenate([np.add.reduceat(seen, turn_at, axis=0) / length, most], axis=1)
                told = np.concatenate([whole, _moved(whole, 1), _moved(whole, 2), _moved(most, -1)], axis=1)
                h = h + (told @ w["turns"])[turn_of] * real
            around = np.concatenate([_moved(h, distance), h, _moved(h, -distance)], axis=1)
            more = np.maximum(around @ w[f"layer{at}"] + w[f"bias{at}"], 0) * real * self._kept(len(row))
            layers.append((around, more))
            h = h + more
        out = h @ w["out"] + w["out_bias"]
        likely = np.exp(out - out.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        every, words = np.arange(len(kind)), float(real.sum())
        loss = float(-(np.log(likely[every, kind] + 1e-9) * real[:, 0]).sum()) / words

        g: dict[str, Array] = {}
        likely[every, kind] -= 1
        d = likely * real / np.float32(words)
        g["out"], g["out_bias"] = h.T @ d, d.sum(axis=0)
        d = d @ w["out"].T
        for at in reversed(range(len(DISTANCES))):
            around, more = layers[at]
            dm = d * (more > 0) * np.float32(1 / (1 - DROPPED))
            g[f"layer{at}"], g[f"bias{at}"] = around.T @ dm, dm.sum(axis=0)
            before, same, behind = np.split(dm @ w[f"layer{at}"].T, 3, axis=1)
            d = d + same + _moved(before, -DISTANCES[at]) + _moved(behind, DISTANCES[at])
            if at == TURNS_AT:
                dt = np.add.reduceat(d * real, turn_at, axis=0)
                g["turns"] = told.T @ dt
                this, last, earlier, coming = np.split(dt @ w["turns"].T, [2 * OF_TURNS, 4 * OF_TURNS, 6 * OF_TURNS], 1)
                both = this + _moved(last, -1) + _moved(earlier, -2)
                both[:, OF_TURNS:] += _moved(coming, 1)
                ds = (both[:, :OF_TURNS] / length)[turn_of] + both[:, OF_TURNS:][turn_of] * (seen == most[turn_of])
                ds = ds * (seen > 0)
                g["turn"], g["turn_bias"] = below.T @ ds, ds.sum(axis=0)
                d = d + ds @ w["turn"].T
        d = d * (first > 0) * np.float32(1 / (1 - DROPPED))
        g["vectors"], g["signs"], g["places"], g["first"] = vectors.T @ d, signs.T @ d, places.T @ d, d.sum(axis=0)
        g["of_frequent"], g["of_ending"] = frequent.T @ d, endings.T @ d
        g["frequent"], g["ending"] = np.zeros_like(w["frequent"]), np.zeros_like(w["ending"])
        np.add.at(g["frequent"], word, d @ w["of_frequent"].T)
        np.add.at(g["ending"], ending, d @ w["of_ending"].T)
        return loss, g

    def _kept(self, rows: int) -> Array:
        return (self.chance.random((rows, WIDTH), dtype=np.float32) >= DROPPED).astype(np.float32) / (1 - DROPPED)


def _moved(rows: Array, by: int) -> Array:
    """Each row where that ``by`` farther on stood, empty ones at the edge."""
    out = np.zeros_like(rows)
    if by > 0:
        out[by:] = rows[:-by]
    else:
        out[:by] = rows[-by:]
    return out


def _joined(examples: Sequence[Example]) -> tuple[Ints, Ints, Ints, Array, Array, Ints, Array, Ints, Ints]:
    """The calls one behind the other, empty rows between them that are two empty turns."""

    def rows(parts: Sequence[NDArray[np.generic]], empty: int) -> NDArray[np.generic]:
        gap = np.full((APART, *parts[0].shape[1:]), empty, parts[0].dtype)
        return np.concatenate([piece for part in parts for piece in (part, gap)])

    turns: list[Ints] = []
    number = 0
    for one in examples:
        new = np.cumsum(np.diff(one.turn, prepend=one.turn[:1]) != 0)
        turns += [number + new, number + new[-1] + 1 + np.arange(APART) * 2 // APART]
        number += int(new[-1]) + 3
    turn_of = np.concatenate(turns)
    real = rows([np.ones((len(one.row), 1), np.float32) for one in examples], 0)
    return (
        rows([one.row for one in examples], -1), rows([one.word for one in examples], 0),
        rows([one.ending for one in examples], 0), rows([one.signs for one in examples], 0),
        rows([one.places for one in examples], 0), rows([one.kind for one in examples], 0), real,
        np.flatnonzero(np.diff(turn_of, prepend=-1)), turn_of,
    )  # type: ignore[return-value]  # fmt: skip  # kinds of numbers stay what they were
