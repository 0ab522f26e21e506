"""Fine-tunes an encoder for `benchmarks/encoder_comparison.py`: `python -m nlp.training.encoder --base B --out FOLDER`.

The tagger uses none: the comparison tells why. The base folder holds the published all-MiniLM-L6-v2 (model.safetensors,
vocab.txt; Apache License 2.0, from Microsoft's MiniLM, MIT). Needs torch, safetensors, onnx and onnxruntime, which are
no dependencies of this project. An encoder may start from the mean of others that started from the same weights; the
one compared was made in three steps:

    python -m nlp.training.encoder --base BASE --out HALF0 --without-half 0
    python -m nlp.training.encoder --base BASE --out HALF1 --without-half 1
    python -m nlp.training.encoder --base BASE --out WHOLE --start HALF0 HALF1 --passes 2 --rate 1.5e-4

The halves also give chances for training records that the encoder has not seen.
"""

import argparse
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch

from nlp.training.data import is_made_up, training_records
from nlp.training.encoder.export import export
from nlp.training.encoder.fit import Settings, examples_of, fit
from nlp.training.encoder.halves import half_of
from nlp.training.encoder.network import Encoder, from_published
from nlp.training.encoder.reader import MODEL_NAME, PIECES_NAME
from nlp.training.encoder.wordpiece import WordPiece

log = logging.getLogger(__name__)
_STATE = "encoder.pt"


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line, trains and writes the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="folder of the published weights")
    parser.add_argument("--without-half", type=int, choices=(0, 1), help="leave out the records of one half")
    parser.add_argument("--start", type=Path, nargs="*", default=[], help="folders that an earlier run wrote")
    parser.add_argument("--passes", type=int, default=Settings.passes)
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--out", type=Path, required=True, help="folder that is written")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(Settings.seed)
    network = from_published(options.base / "model.safetensors")
    if options.start:
        network.load_state_dict(mean_state(options.start))
    records = [record for record in training_records() if half_of(record) != options.without_half]
    made, real = ([r for r in records if is_made_up(r) is wanted] for wanted in (True, False))
    log.info("%d made-up records, %d of the real kind", len(made), len(real))
    pieces = WordPiece.load(options.base / "vocab.txt")
    settings = Settings(passes=options.passes, rate=options.rate)
    fit(network, examples_of(made, pieces), examples_of(real, pieces), settings)
    write(network, options.base, options.out)
    return 0


def mean_state(folders: Sequence[Path]) -> dict[str, torch.Tensor]:
    """Returns the mean weights of networks that started from the same ones (Wortsman et al. 2022, "Model soups")."""
    states = [torch.load(folder / _STATE, weights_only=True) for folder in folders]
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


def write(network: Encoder, base: Path, folder: Path) -> None:
    """Writes the int8 model and its pieces, and the weights as torch keeps them for another start."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), folder / _STATE)
    export(network, folder / MODEL_NAME)
    shutil.copyfile(base / "vocab.txt", folder / PIECES_NAME)


if __name__ == "__main__":
    raise SystemExit(main())
