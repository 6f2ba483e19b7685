"""Writes the safetensors format with json, struct and torch alone.

A file is the length of its header (u64, little endian), the header (JSON: name -> dtype, shape, offsets), and the raw data.
Tensors stand in the order `safetensors.torch.save_file` gives them: widest dtype first, then by name; the header is padded
with spaces to a multiple of 8 bytes.
"""

import json
import struct

import torch

# dtype -> name in the header, letter for struct; the widest first, as the tensors are laid out
DTYPES = {
    torch.float64: ("F64", "d"),
    torch.int64: ("I64", "q"),
    torch.float32: ("F32", "f"),
    torch.int32: ("I32", "i"),
}


def write_safetensors(path, tensors, metadata):
    """Writes `tensors` (name -> torch.Tensor) and `metadata` (str -> str) to `path`."""
    rank = list(DTYPES)
    header = {"__metadata__": metadata}
    data = bytearray()
    for name, tensor in sorted(tensors.items(), key=lambda item: (rank.index(item[1].dtype), item[0])):
        dtype, letter = DTYPES[tensor.dtype]
        values = tensor.detach().reshape(-1).tolist()
        start = len(data)
        data += struct.pack(f"<{len(values)}{letter}", *values)
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [start, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(data))
