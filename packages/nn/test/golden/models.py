"""Weights as a stranger would save them from PyTorch, and what the model that they belong to computes."""

import torch
import torch.nn.functional as F

from recurrent import fill, make_module, vectors

VOCABULARY, EMBEDDING, HIDDEN, BATCH, TIME = 7, 3, 4, 3, 5

# name -> options of torch.nn.functional.cross_entropy
CHAR_MODEL_LOSSES = {
    "mean": dict(reduction="mean"),
    "sum": dict(reduction="sum"),
    "mean-ignore": dict(reduction="mean", ignore_index=0),
    "mean-smooth": dict(reduction="mean", label_smoothing=0.1),
    "mean-ignore-smooth": dict(reduction="mean", ignore_index=0, label_smoothing=0.1),
    "sum-ignore-smooth": dict(reduction="sum", ignore_index=0, label_smoothing=0.1),
}


def torch_lstm(draw):
    """(state dict in float32, expected in float64, expected in float32) of a two-layer bidirectional torch.nn.LSTM."""
    module = make_module("lstm", EMBEDDING, HIDDEN, layers=2, bidirectional=True)
    fill(module, draw)
    weights = {name: value.clone() for name, value in module.state_dict().items()}
    state = (4, BATCH, HIDDEN)
    shapes = {"input": (TIME, BATCH, EMBEDDING), "h0": state, "c0": state}
    leaves = {name: draw(*shape) for name, shape in shapes.items()}
    shapes = {"output": (TIME, BATCH, 2 * HIDDEN), "h_n": state, "c_n": state}
    cotangents = {name: draw(*shape) for name, shape in shapes.items()}

    def expected(dtype):
        def cast(tensors):
            return {name: value.detach().to(dtype) for name, value in tensors.items()}
        return vectors(module.to(dtype), cast(leaves), cast(cotangents), only_all=True)

    return weights, expected(torch.float64), expected(torch.float32)


class CharModel(torch.nn.Module):
    """Embedding, LSTM, linear head: tokens [time, batch] to logits [time, batch, vocabulary]."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCABULARY, EMBEDDING)
        self.rnn = torch.nn.LSTM(EMBEDDING, HIDDEN, num_layers=2)
        self.head = torch.nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, tokens, state):
        output, last = self.rnn(self.embedding(tokens), state)
        return self.head(output), last


def char_model(draw, draw_integers):
    """(state dict in float64, expected in float64): logits, last state, and loss and gradients of each CHAR_MODEL_LOSSES."""
    model = CharModel()
    fill(model, draw)
    model.double()
    tokens, targets = draw_integers(VOCABULARY, TIME, BATCH), draw_integers(VOCABULARY, TIME, BATCH)
    targets[1, 0] = targets[3, 2] = 0  # the class that the `ignore` losses leave out is there for certain
    state = {name: draw(2, BATCH, HIDDEN).double().requires_grad_(True) for name in ("h0", "c0")}
    logits, (h_n, c_n) = model(tokens, (state["h0"], state["c0"]))
    tensors = {"tokens": tokens.int(), "targets": targets.int(), **state, "logits": logits, "h_n": h_n, "c_n": c_n}
    wanted = {**state, **dict(model.named_parameters())}
    for variant, options in CHAR_MODEL_LOSSES.items():
        loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), targets.reshape(-1), **options)
        tensors[f"loss.{variant}"] = loss
        for name, gradient in zip(wanted, torch.autograd.grad(loss, list(wanted.values()), retain_graph=True)):
            tensors[f"grad.{variant}.{name}"] = gradient
    return model.state_dict(), tensors
