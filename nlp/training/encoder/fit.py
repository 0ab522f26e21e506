"""Fine-tunes the encoder on gold records: fixed order from a seed, one thread, the word table left as published."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from nlp.document import attribute, make_document
from nlp.scoring.records import to_tag_input
from nlp.training.data import Record
from nlp.training.encoder.network import Encoder
from nlp.training.encoder.reader import windows
from nlp.training.encoder.wordpiece import WordPiece
from nlp.training.projection import project
from nlp.training.train import reading_pipeline

log = logging.getLogger(__name__)
_IGNORED = -100


@dataclass(frozen=True)
class Example:
    """Pieces of one window and the label of each (_IGNORED where a piece does not begin a token)."""

    pieces: list[int]
    labels: list[int]


@dataclass(frozen=True)
class Settings:
    """How the encoder is trained."""

    passes: int = 6
    batch: int = 4
    rate: float = 2.5e-4
    decay: float = 0.01
    #: The share of the made-up records that a pass takes; records of the real kind are all taken.
    made_share: float = 0.33
    seed: int = 20


def examples_of(records: Sequence[Record], pieces: WordPiece) -> list[list[Example]]:
    """Returns the windows of each record with the labels of its gold."""
    pipeline = reading_pipeline()
    found = []
    for record in records:
        document = pipeline(make_document(pipeline, to_tag_input(record)))
        words = attribute(document, "words")
        labels = project(words, record["gold"])
        examples = []
        for window in windows(words, attribute(document, "sentences"), pieces):
            row = [_IGNORED] * len(window.pieces)
            for token, place in zip(window.tokens, window.places, strict=True):
                row[place] = labels[token]
            examples.append(Example(window.pieces, row))
        found.append(examples)
    return found


def fit(network: Encoder, made: list[list[Example]], real: list[list[Example]], settings: Settings) -> None:
    """Trains the network on windows of made-up records and of records of the real kind."""
    torch.set_num_threads(1)
    torch.manual_seed(settings.seed)
    chooser = random.Random(settings.seed)  # noqa: S311
    network.words.weight.requires_grad_(False)
    top = [network.label.weight, network.label.bias]
    body = [p for name, p in network.named_parameters() if p.requires_grad and not name.startswith("label.")]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": settings.rate}, {"params": top, "lr": 4 * settings.rate}],
        weight_decay=settings.decay,
    )
    plan = [_batches(made, real, settings, chooser) for _ in range(settings.passes)]
    total, done = sum(map(len, plan)), 0
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, total))
    network.train()
    for number, batches in enumerate(plan):
        loss_sum = 0.0
        for group in batches:
            pieces, labels = _padded(group)
            scores = network(pieces)
            loss = nn.functional.cross_entropy(scores.flatten(0, 1), labels.flatten(), ignore_index=_IGNORED)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            loss_sum += loss.item()
        done += len(batches)
        log.info("pass %d: %d of %d steps, loss %.4f", number + 1, done, total, loss_sum / len(batches))
    network.eval()


def _share(step: int, total: int) -> float:
    """The part of the full rate at a step: up over a tenth of the steps, then down to nothing."""
    warm = max(1, total // 10)
    return min((step + 1) / warm, (total - step) / (total - warm + 1))


def _batches(
    made: list[list[Example]], real: list[list[Example]], settings: Settings, chooser: random.Random
) -> list[list[Example]]:
    taken = real + chooser.sample(made, int(len(made) * settings.made_share))
    flat = [example for record in taken for example in record]
    flat.sort(key=lambda example: (len(example.pieces) // 48, chooser.random()))
    groups = [flat[start : start + settings.batch] for start in range(0, len(flat), settings.batch)]
    chooser.shuffle(groups)
    return groups


def _padded(group: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(example.pieces) for example in group)
    pieces = [example.pieces + [0] * (longest - len(example.pieces)) for example in group]
    labels = [example.labels + [_IGNORED] * (longest - len(example.labels)) for example in group]
    return torch.tensor(pieces), torch.tensor(labels)
