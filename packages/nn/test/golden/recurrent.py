"""Golden vectors of torch.nn.RNN, LSTM and GRU: outputs, and the gradient of a loss on every subset of the outputs."""

import itertools

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

INPUT, HIDDEN, BATCH, TIME = 3, 4, 3, 5
KINDS = ("rnn-tanh", "rnn-relu", "lstm", "gru")


def recurrent_cases():
    """Yields (name, options) of every case; options not named take the defaults of `recurrent_case`."""
    for kind in KINDS:
        for layers, bidirectional in itertools.product((1, 2), (False, True)):
            stem = f"{kind}-{layers}" + ("-bi" if bidirectional else "")
            shape = dict(kind=kind, layers=layers, bidirectional=bidirectional)
            yield stem, shape
            yield f"{stem}-zero", dict(shape, zero_state=True)
        yield f"{kind}-1-batch-first", dict(kind=kind, batch_first=True)
        yield f"{kind}-1-b1", dict(kind=kind, batch=1)
        yield f"{kind}-1-t1", dict(kind=kind, time=1)
        yield f"{kind}-1-no-bias", dict(kind=kind, bias=False)
        yield f"{kind}-1-lengths", dict(kind=kind, lengths=[3, 1, 5])
        # no row reaches the last step, and the reverse direction has to start at each row's own end
        yield f"{kind}-2-bi-lengths", dict(kind=kind, layers=2, bidirectional=True, lengths=[4, 1, 3])
    yield "lstm-3", dict(kind="lstm", layers=3)


def make_module(kind, input_size, hidden_size, layers=1, bidirectional=False, batch_first=False, bias=True):
    """The torch.nn module of a kind, in the default dtype of its parameters (float32)."""
    options = dict(num_layers=layers, bidirectional=bidirectional, batch_first=batch_first, bias=bias)
    if kind == "lstm":
        return torch.nn.LSTM(input_size, hidden_size, **options)
    if kind == "gru":
        return torch.nn.GRU(input_size, hidden_size, **options)
    return torch.nn.RNN(input_size, hidden_size, nonlinearity=kind.removeprefix("rnn-"), **options)


def fill(module, draw):
    """Gives every parameter values drawn with `draw(*shape)`: larger than PyTorch's own, so that no gate stays linear."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(0.5 * draw(*parameter.shape))


def forward(module, leaves, lengths=None):
    """Runs the module: leaves `input`, `h0` (and `c0`) -> dict of `output`, `h_n` (and `c_n`); padded outputs are zero."""
    sequence, total = leaves["input"], leaves["input"].shape[1 if module.batch_first else 0]
    if lengths is not None:
        sequence = pack_padded_sequence(sequence, torch.tensor(lengths), module.batch_first, enforce_sorted=False)
    state = (leaves["h0"], leaves["c0"]) if "c0" in leaves else leaves["h0"]
    output, last = module(sequence, state)
    if lengths is not None:
        output, _ = pad_packed_sequence(output, module.batch_first, total_length=total)
    return {"output": output, "h_n": last[0], "c_n": last[1]} if "c0" in leaves else {"output": output, "h_n": last}


def subsets(outputs):
    """Every non-empty subset of the outputs' names, in the order output, h_n, c_n."""
    names = list(outputs)
    return [s for size in range(1, len(names) + 1) for s in itertools.combinations(names, size)]


def vectors(module, leaves, cotangents, lengths=None, only_all=False):
    """Outputs, and `grad.<subset>.<leaf or parameter>` of the loss Σ cotangent · output over each subset."""
    wanted = {**leaves, **dict(module.named_parameters())}
    for leaf in leaves.values():
        leaf.requires_grad_(True)
    outputs = forward(module, leaves, lengths)
    tensors = {**outputs, **leaves, **{f"cotangent.{name}": value for name, value in cotangents.items()}}
    for subset in subsets(outputs)[-1:] if only_all else subsets(outputs):
        gradients = torch.autograd.grad(loss_of(module, leaves, cotangents, lengths, subset), list(wanted.values()))
        for name, gradient in zip(wanted, gradients):
            tensors[f"grad.{'+'.join(subset)}.{name}"] = gradient
        check_gradients(lambda: loss_of(module, leaves, cotangents, lengths, subset).item(), wanted, gradients)
    return tensors


def loss_of(module, leaves, cotangents, lengths, subset):
    """The loss on a subset of the outputs."""
    outputs = forward(module, leaves, lengths)
    return sum((cotangents[name] * outputs[name]).sum() for name in subset)


def check_gradients(loss, wanted, gradients, step=1e-5, tolerance=1e-7):
    """Asserts PyTorch's own gradients against a central difference along one direction (float64 only)."""
    leaves = list(wanted.values())
    if leaves[0].dtype != torch.float64:
        return
    generator = torch.Generator().manual_seed(1)
    direction = [torch.randn(leaf.shape, generator=generator, dtype=leaf.dtype) for leaf in leaves]
    before = [leaf.detach().clone() for leaf in leaves]
    values = []
    with torch.no_grad():
        for sign in (1, -1):
            for leaf, value, along in zip(leaves, before, direction):
                leaf.copy_(value + sign * step * along)
            values.append(loss())
        for leaf, value in zip(leaves, before):
            leaf.copy_(value)
    measured = (values[0] - values[1]) / (2 * step)
    stated = sum((g * along).sum().item() for g, along in zip(gradients, direction))
    error = abs(measured - stated) / max(1.0, abs(stated))
    assert error < tolerance, f"a gradient of PyTorch's differs from the central difference by {error:.1e}"


def recurrent_case(draw, dtype, kind, layers=1, bidirectional=False, batch_first=False, bias=True, zero_state=False,
                   batch=BATCH, time=TIME, lengths=None):
    """One case in one dtype: (tensors, metadata). float32 holds the loss on all outputs only."""
    module = make_module(kind, INPUT, HIDDEN, layers, bidirectional, batch_first, bias)
    fill(module, draw)
    module.to(dtype)
    directions = 2 if bidirectional else 1
    state = (layers * directions, batch, HIDDEN)
    sequence = (batch, time) if batch_first else (time, batch)
    shapes = {"input": (*sequence, INPUT), "h0": state, **({"c0": state} if kind == "lstm" else {})}
    leaves = {name: draw(*shape).to(dtype) for name, shape in shapes.items()}
    if zero_state:
        leaves.update({name: torch.zeros_like(leaf) for name, leaf in leaves.items() if name != "input"})
    shapes = {"output": (*sequence, directions * HIDDEN), "h_n": state, **({"c_n": state} if kind == "lstm" else {})}
    cotangents = {name: draw(*shape).to(dtype) for name, shape in shapes.items()}
    tensors = vectors(module, leaves, cotangents, lengths, only_all=dtype == torch.float32)
    tensors.update({f"param.{name}": parameter for name, parameter in module.named_parameters()})
    return tensors, {
        "kind": kind, "layers": layers, "bidirectional": bidirectional, "batchFirst": batch_first, "hasBias": bias,
        "initialState": "zero" if zero_state else "given", "lengths": lengths, "inputSize": INPUT, "hiddenSize": HIDDEN,
        "batch": batch, "time": time, "dtype": "f32" if dtype == torch.float32 else "f64",
    }
