"""The encoder's network in torch: BERT's layers with a label layer on top, started from published weights."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from nlp.models.crf import LABELS

WIDTH, INNER, HEADS, PLACES, LAYERS = 384, 1536, 12, 512, 6
_EPSILON = 1e-12


class Layer(nn.Module):
    """Attention over all pieces, then two dense steps, each added to what went in (Vaswani et al. 2017)."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mix = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.first, self.second = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm, self.last_norm = nn.LayerNorm(WIDTH, _EPSILON), nn.LayerNorm(WIDTH, _EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Returns the new states; `mask` is added to the attention (batch x 1 x 1 x pieces)."""
        batch, length, _ = states.shape
        shape = (batch, length, HEADS, WIDTH // HEADS)
        query, key, value = (
            part(states).view(shape).transpose(1, 2) for part in (self.query, self.key, self.value)
        )  # fmt: skip
        weights = torch.softmax(query @ key.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + mask, dim=-1)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, length, WIDTH)
        states = self.norm(states + self.dropout(self.mix(mixed)))
        inner = self.second(nn.functional.gelu(self.first(states)))
        out: torch.Tensor = self.last_norm(states + self.dropout(inner))
        return out


class Encoder(nn.Module):
    """Scores of each label for each piece."""

    def __init__(self, pieces: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(pieces, WIDTH), nn.Embedding(PLACES, WIDTH)
        self.norm, self.dropout = nn.LayerNorm(WIDTH, _EPSILON), nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.label = nn.Linear(WIDTH, len(LABELS))

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        """Returns scores (batch x pieces x labels) of piece numbers (batch x pieces); piece 0 is padding."""
        mask = (pieces == 0).to(torch.float32)[:, None, None, :] * -1e4
        states = self.words(pieces) + self.places.weight[: pieces.shape[1]]
        states = self.dropout(self.norm(states))
        for layer in self.layers:
            states = layer(states, mask)
        out: torch.Tensor = self.label(self.dropout(states))
        return out


def from_published(weights: Path) -> Encoder:
    """Returns a network that starts from the published BERT weights in a safetensors file, its label layer at zero."""
    given = load_file(weights)
    network = Encoder(len(given["embeddings.word_embeddings.weight"]))
    kind = given["embeddings.token_type_embeddings.weight"][0]
    state = {
        "words.weight": given["embeddings.word_embeddings.weight"],
        "places.weight": given["embeddings.position_embeddings.weight"] + kind,
        "norm.weight": given["embeddings.LayerNorm.weight"],
        "norm.bias": given["embeddings.LayerNorm.bias"],
        "label.weight": torch.zeros(len(LABELS), WIDTH),
        "label.bias": torch.zeros(len(LABELS)),
    }
    names = {
        "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
        "mix": "attention.output.dense", "norm": "attention.output.LayerNorm", "first": "intermediate.dense",
        "second": "output.dense", "last_norm": "output.LayerNorm",
    }  # fmt: skip
    for number in range(LAYERS):
        for ours, theirs in names.items():
            for part in ("weight", "bias"):
                state[f"layers.{number}.{ours}.{part}"] = given[f"encoder.layer.{number}.{theirs}.{part}"]
    network.load_state_dict(state)
    return network
