"""Writes a trained encoder as an int8 ONNX file: weights of the dense layers by column, the word table by row."""

import tempfile
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from nlp.training.encoder.network import Encoder

#: Operator set of the file: the oldest that has all that is needed, so that old runtimes read it.
_OPSET = 17


def export(network: Encoder, path: Path) -> None:
    """Writes the network with its dense layers and its word table in int8."""
    network.eval()
    example = torch.tensor([[101, 2000, 2001, 102]])
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            network, (example,), str(whole), dynamo=False, opset_version=_OPSET,
            input_names=["pieces"], output_names=["scores"],
            dynamic_axes={"pieces": {0: "batch", 1: "length"}, "scores": {0: "batch", 1: "length"}},
        )  # fmt: skip
        quantize_dynamic(
            str(whole), str(path), per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
        )  # fmt: skip
    model = onnx.load(path)
    model.producer_name, model.producer_version, model.doc_string = "ho-tracker", "", ""
    onnx.save(model, path)
