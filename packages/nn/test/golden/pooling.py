"""Sequences of different lengths, each with one label: what PyTorch makes of a stack with layer norm, a residual and a pooling."""

import torch
import torch.nn.functional as F

from recurrent import BATCH, HIDDEN, INPUT, TIME, fill, forward, make_module

POOLINGS = ("last", "mean", "max", "attention")
LENGTHS, CLASSES = [5, 2, 4], 3


class Classifier(torch.nn.Module):
    """Two layers of a kind with a layer norm each, the second added to its input; pooled over each row's own steps; a linear head."""

    def __init__(self, kind, bidirectional):
        super().__init__()
        size = HIDDEN * (2 if bidirectional else 1)
        self.layers = torch.nn.ModuleList(
            [make_module(kind, inputs, HIDDEN, bidirectional=bidirectional) for inputs in (INPUT, size)])
        self.norms = torch.nn.ModuleList([torch.nn.LayerNorm(size) for _ in range(2)])
        self.query = torch.nn.Parameter(torch.zeros(size))
        self.head = torch.nn.Linear(size, CLASSES)
        self.bidirectional = bidirectional

    def outputs(self, inputs):
        """[time, batch, size] of the last layer."""
        current = inputs
        for number, (layer, norm) in enumerate(zip(self.layers, self.norms)):
            directions = 2 if self.bidirectional else 1
            zeros = torch.zeros(directions, BATCH, HIDDEN, dtype=inputs.dtype)
            leaves = {"input": current, "h0": zeros, **({"c0": zeros} if isinstance(layer, torch.nn.LSTM) else {})}
            normed = norm(forward(layer, leaves, LENGTHS)["output"])
            current = normed + current if number > 0 else normed
        return current

    def pool(self, steps, pooling):
        """One row's outputs [length, size] -> [size]."""
        if pooling == "mean":
            return steps.mean(0)
        if pooling == "max":
            return steps.max(0).values
        if pooling == "attention":
            return torch.softmax(steps @ self.query, 0) @ steps
        if not self.bidirectional:
            return steps[-1]
        return torch.cat([steps[-1, :HIDDEN], steps[0, HIDDEN:]])

    def forward(self, inputs, pooling):
        outputs = self.outputs(inputs)
        rows = [self.pool(outputs[:length, row], pooling) for row, length in enumerate(LENGTHS)]
        return self.head(torch.stack(rows))


def ours(name):
    """A parameter's name in a sequence model."""
    part, *rest = name.split(".")
    if part == "layers":
        number, own = rest
        return "rnn." + own.replace("_l0", f"_l{number}")
    if part == "norms":
        number, own = rest
        return f"rnn.norm_{own}_l{number}"
    return "pooling.query" if part == "query" else name


def pooled_model(draw, draw_integers, kind, bidirectional):
    """Inputs, labels, class weights and parameters; for each pooling the logits of each row, the loss and its gradients."""
    model = Classifier(kind, bidirectional)
    fill(model, draw)
    model.double()
    inputs = draw(TIME, BATCH, INPUT).double().requires_grad_(True)
    labels = draw_integers(CLASSES, BATCH)
    weights = draw(CLASSES).abs().double()
    named = {ours(name): parameter for name, parameter in model.named_parameters()}
    tensors = {"input": inputs, "labels": labels.int(), "class_weights": weights,
               **{f"param.{name}": parameter for name, parameter in named.items()}}
    for pooling in POOLINGS:
        logits = model(inputs, pooling)
        loss = F.cross_entropy(logits, labels, weight=weights, reduction="sum")
        tensors[f"logits.{pooling}"], tensors[f"loss.{pooling}"] = logits, loss
        wanted = {"input": inputs, **named}
        gradients = torch.autograd.grad(loss, list(wanted.values()), allow_unused=True)
        for name, gradient in zip(wanted, gradients):
            if gradient is not None:
                tensors[f"grad.{pooling}.{name}"] = gradient
    return tensors
