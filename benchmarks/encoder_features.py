"""What a random field is told of the encoder: steps of each kind's chance, the likeliest label, its neighbours."""

import numpy as np

from nlp.models.crf import KINDS, LABELS, Floats

#: Where one step of a chance ends and the next begins.
_STEPS = np.array([0.01, 0.03, 0.08, 0.2, 0.4, 0.6, 0.8, 0.92, 0.97, 0.99], dtype=np.float32)
_COARSE = np.array([0.05, 0.5, 0.95], dtype=np.float32)
_SHORT = {"intervention": "I", "risk factor": "R", "outcome": "O"}


def encoder_features(chances: Floats, marks: list[list[str]]) -> list[list[str]]:
    """Returns the features of each token of a sentence; none for a token that the encoder did not see.

    `chances` is tokens by labels, `marks` the vocabulary kinds of each token.
    """
    inside = np.stack([chances[:, 1 + 2 * n] + chances[:, 2 + 2 * n] for n in range(len(KINDS))], axis=1)
    levels = np.searchsorted(_STEPS, inside)
    starts = np.searchsorted(_STEPS, chances[:, 1::2])
    coarse = np.searchsorted(_COARSE, inside)
    labels = [LABELS[number] for number in chances.argmax(axis=1)]
    seen = (chances.sum(axis=1) > 0).tolist()
    rows: list[list[str]] = []
    for n, label in enumerate(labels):
        if not seen[n]:
            rows.append([])
            continue
        before = labels[n - 1] if n else "<s>"
        after = labels[n + 1] if n + 1 < len(labels) else "</s>"
        row = [f"e={label}", f"e-1={before}", f"e+1={after}", f"e-1e={before} {label}", f"ee+1={label} {after}"]
        row.append("e3=" + "".join(map(str, coarse[n])))
        for k, kind in enumerate(KINDS):
            name = _SHORT[kind]
            row.append(f"e{name}={levels[n, k]}")
            if levels[n, k]:
                row.append(f"eB{name}={starts[n, k]}")
            row += [f"{mark}|e{name}={levels[n, k]}" for mark in marks[n]]
        rows.append(row)
    return rows
