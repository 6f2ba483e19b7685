"""Makes every golden vector in this folder, and manifest.json, with PyTorch.

Run from anywhere:  /usr/bin/python3 make.py
Needs Python 3.9 or later and torch, nothing else (Debian: the package python3-torch; the files here come from 1.13).
Every case draws from a generator seeded by its name, on one thread, so a second run on the same machine writes the same bytes.
All weights, inputs and cotangents are float32 numbers, also in the float64 files: a float32 backend can be held to both.
"""

import json
import zlib
from pathlib import Path

import torch

import models
import pooling
import training
from recurrent import recurrent_case, recurrent_cases
from safetensors_file import write_safetensors

FOLDER = Path(__file__).resolve().parent


class Golden:
    """Writes the files and gathers the manifest."""

    def __init__(self):
        self.entries = []

    def write(self, name, role, tensors, facts, metadata=None):
        """Writes one file: `facts` go into the manifest, and as strings into the file unless `metadata` is given."""
        if metadata is None:
            metadata = {key: value if isinstance(value, str) else json.dumps(value) for key, value in facts.items()}
        write_safetensors(FOLDER / f"{name}.safetensors", tensors, metadata)
        self.entries.append({"file": f"{name}.safetensors", "role": role, **facts})

    def write_manifest(self):
        lines = ",\n".join("    " + json.dumps(entry) for entry in self.entries)
        (FOLDER / "manifest.json").write_text(
            f'{{\n  "torch": {json.dumps(torch.__version__)},\n  "files": [\n{lines}\n  ]\n}}\n')


def seeded(name):
    """(draw, draw_integers): normal float32 numbers and integers below a bound, from a generator seeded by the name."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    return (lambda *shape: torch.randn(*shape, generator=generator),
            lambda below, *shape: torch.randint(below, shape, generator=generator))


def main():
    torch.set_num_threads(1)
    for old in FOLDER.glob("*.safetensors"):
        old.unlink()
    golden = Golden()

    for name, options in recurrent_cases():
        for dtype, suffix in ((torch.float64, ""), (torch.float32, ".f32")):
            tensors, facts = recurrent_case(seeded(name)[0], dtype, **options)
            golden.write(name + suffix, "recurrent", tensors, facts)

    weights, in_f64, in_f32 = models.torch_lstm(seeded("torch-lstm")[0])
    golden.write("torch-lstm", "weights", weights, {"dtype": "f32"}, {"format": "pt"})
    golden.write("torch-lstm.expected", "expected", in_f64, {"weights": "torch-lstm.safetensors", "dtype": "f64"})
    golden.write("torch-lstm.expected.f32", "expected", in_f32, {"weights": "torch-lstm.safetensors", "dtype": "f32"})

    weights, expected = models.char_model(*seeded("char-model"))
    variants = [{"name": name, "reduction": options["reduction"], "ignoreIndex": options.get("ignore_index", -100),
                 "labelSmoothing": options.get("label_smoothing", 0.0)} for name, options in models.CHAR_MODEL_LOSSES.items()]
    golden.write("char-model", "weights", weights, {"dtype": "f64"}, {"format": "pt"})
    golden.write("char-model.expected", "expected", expected,
                 {"weights": "char-model.safetensors", "dtype": "f64", "variants": variants})

    for kind, bidirectional in (("lstm", False), ("gru", True)):
        name = f"pooled-{kind}" + ("-bi" if bidirectional else "")
        golden.write(name, "pooled", pooling.pooled_model(*seeded(name), kind, bidirectional), {
            "dtype": "f64", "kind": kind, "bidirectional": bidirectional, "lengths": pooling.LENGTHS,
            "poolings": list(pooling.POOLINGS)})

    for name, make in {
        "cross-entropy": lambda draw, integers: training.cross_entropy(draw, integers),
        "mean-squared-error": lambda draw, _: training.mean_squared_error(draw),
        "binary-cross-entropy": lambda draw, _: training.binary_cross_entropy(draw),
        "layer-norm": lambda draw, _: training.layer_norm(draw),
        "embedding": lambda draw, _: training.embedding(draw),
        "optimizers": lambda draw, _: training.optimizers(draw),
        "schedules": lambda _, __: training.schedules(),
        "clipping": lambda draw, _: training.clipping(draw),
    }.items():
        tensors, variants = make(*seeded(name))
        golden.write(name, name, tensors, {"dtype": "f64", "variants": variants})

    golden.write_manifest()


if __name__ == "__main__":
    main()
