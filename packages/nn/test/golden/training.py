"""Golden vectors of what surrounds the recurrent layer: losses, layer norm, embedding, optimisers, schedules, clipping.

Each function returns (tensors, variants); a variant is a dict with the options that made the tensors named after it.
"""

import torch
import torch.nn.functional as F
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

STEPS, RATES = 5, 20


def cross_entropy(draw, draw_integers):
    """Rows of logits, one of them saturated, against targets; `targets_ignored` has rows of -100."""
    logits = (2 * draw(6, 5)).double()
    logits[4] = torch.tensor([100.0, -100.0, 0.0, 50.0, -50.0])
    targets = draw_integers(5, 6)
    targets[2] = 3
    ignored = targets.clone()
    ignored[1] = ignored[5] = -100
    tensors, variants = {"logits": logits, "targets": targets.int(), "targets_ignored": ignored.int()}, []
    for reduction in ("mean", "sum"):
        for smoothing in (0.0, 0.1):
            for suffix, used, ignore in (("", targets, -100), ("-ignore", ignored, -100), ("-ignore-class", targets, 3)):
                name = reduction + suffix + ("-smooth" if smoothing else "")
                leaf = logits.clone().requires_grad_(True)
                loss = F.cross_entropy(leaf, used, reduction=reduction, ignore_index=ignore, label_smoothing=smoothing)
                tensors[f"loss.{name}"] = loss
                tensors[f"grad.{name}.logits"], = torch.autograd.grad(loss, leaf)
                variants.append({"name": name, "reduction": reduction, "ignoreIndex": ignore, "labelSmoothing": smoothing,
                                 "targets": "targets_ignored" if used is ignored else "targets"})
    return tensors, variants


def elementwise_loss(function, prediction, target):
    """A loss of prediction and target of one shape, by mean and by sum."""
    tensors, variants = {"prediction": prediction, "target": target}, []
    for reduction in ("mean", "sum"):
        leaf = prediction.clone().requires_grad_(True)
        loss = function(leaf, target, reduction=reduction)
        tensors[f"loss.{reduction}"] = loss
        tensors[f"grad.{reduction}.prediction"], = torch.autograd.grad(loss, leaf)
        variants.append({"name": reduction, "reduction": reduction})
    return tensors, variants


def mean_squared_error(draw):
    return elementwise_loss(F.mse_loss, draw(5, 3, 2).double(), draw(5, 3, 2).double())


def binary_cross_entropy(draw):
    """Targets between 0 and 1, both ends among them; logits saturated on the right and on the wrong side."""
    logits, target = (2 * draw(5, 3)).double(), draw(5, 3).double().abs().clamp(max=1)
    logits[0] = torch.tensor([100.0, -100.0, 0.0])
    logits[1] = torch.tensor([-100.0, 100.0, 100.0])
    target[0] = torch.tensor([1.0, 0.0, 1.0])
    target[1] = torch.tensor([1.0, 0.0, 0.5])
    return elementwise_loss(F.binary_cross_entropy_with_logits, logits, target)


def layer_norm(draw):
    """Over the last axis of [time, batch, features], with and without weight and bias; one row varies little."""
    values = draw(4, 3, 6).double()
    values[1, 1] = 2 + 1e-3 * values[1, 1]
    tensors = {"input": values, "param.weight": draw(6).double(), "param.bias": draw(6).double(),
               "cotangent.output": draw(4, 3, 6).double()}
    variants = []
    for name, affine, eps in (("affine", True, 1e-5), ("plain", False, 1e-5), ("eps", True, 1e-2)):
        leaves = {"input": tensors["input"].clone().requires_grad_(True)}
        if affine:
            leaves.update({key: tensors[f"param.{key}"].clone().requires_grad_(True) for key in ("weight", "bias")})
        output = F.layer_norm(leaves["input"], (6,), leaves.get("weight"), leaves.get("bias"), eps)
        tensors[f"output.{name}"] = output
        loss = (tensors["cotangent.output"] * output).sum()
        for leaf, gradient in zip(leaves, torch.autograd.grad(loss, list(leaves.values()))):
            tensors[f"grad.{name}.{leaf}"] = gradient
        variants.append({"name": name, "affine": affine, "eps": eps})
    return tensors, variants


def embedding(draw):
    """Repeated indices add up in the gradient, an index never used gets zero; `padding` leaves row 0 without gradient."""
    indices = torch.tensor([[0, 2, 2], [5, 0, 2], [1, 5, 0], [2, 2, 1]])
    tensors = {"indices": indices.int(), "param.weight": draw(6, 3).double(), "cotangent.output": draw(4, 3, 3).double()}
    variants = []
    for name, padding in (("plain", None), ("padding", 0)):
        leaf = tensors["param.weight"].clone().requires_grad_(True)
        output = F.embedding(indices, leaf, padding_idx=padding)
        tensors[f"output.{name}"] = output
        tensors[f"grad.{name}.weight"], = torch.autograd.grad((tensors["cotangent.output"] * output).sum(), leaf)
        variants.append({"name": name, "paddingIndex": padding})
    return tensors, variants


# name -> class, options as PyTorch calls them
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, dict(lr=0.1)),
    "sgd-momentum": (torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
    "sgd-nesterov": (torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True)),
    "sgd-weight-decay": (torch.optim.SGD, dict(lr=0.1, weight_decay=0.05)),
    "sgd-all": (torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05)),
    "rmsprop": (torch.optim.RMSprop, dict(lr=0.01, alpha=0.99, eps=1e-8)),
    "rmsprop-momentum": (torch.optim.RMSprop, dict(lr=0.01, alpha=0.9, eps=1e-8, momentum=0.9)),
    "rmsprop-centered": (torch.optim.RMSprop, dict(lr=0.01, alpha=0.9, eps=1e-8, centered=True)),
    "rmsprop-all": (torch.optim.RMSprop, dict(lr=0.01, alpha=0.9, eps=1e-6, momentum=0.9, centered=True, weight_decay=0.05)),
    "adam": (torch.optim.Adam, dict(lr=0.01, betas=(0.9, 0.999), eps=1e-8)),
    "adam-weight-decay": (torch.optim.Adam, dict(lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.05)),
    "adam-betas": (torch.optim.Adam, dict(lr=0.01, betas=(0.5, 0.9), eps=1e-3)),
    "adamw": (torch.optim.AdamW, dict(lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)),
    "adamw-strong": (torch.optim.AdamW, dict(lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.3)),
    "adam-amsgrad": (torch.optim.Adam, dict(lr=0.01, betas=(0.9, 0.999), eps=1e-8, amsgrad=True)),
    "adam-amsgrad-forgetful": (torch.optim.Adam, dict(lr=0.01, betas=(0.5, 0.6), eps=1e-6, weight_decay=0.05, amsgrad=True)),
    "adamw-amsgrad": (torch.optim.AdamW, dict(lr=0.1, betas=(0.8, 0.6), eps=1e-6, weight_decay=0.3, amsgrad=True)),
}


def optimizers(draw):
    """One parameter, one sequence of gradients (one of them all zero), and the parameter after each step."""
    start, gradients = draw(3, 2).double(), draw(STEPS, 3, 2).double()
    gradients[3] = 0
    tensors, variants = {"param": start, "gradients": gradients}, []
    for name, (optimizer_class, options) in OPTIMIZERS.items():
        parameter = torch.nn.Parameter(start.clone())
        optimizer, after = optimizer_class([parameter], **options), []
        for gradient in gradients:
            parameter.grad = gradient.clone()
            optimizer.step()
            after.append(parameter.detach().clone())
        tensors[f"after.{name}"] = torch.stack(after)
        variants.append({"name": name, "optimizer": optimizer_class.__name__, "options": options})
    return tensors, variants


# name -> class in torch.optim.lr_scheduler, options as PyTorch calls them
SCHEDULES = {
    "step": (torch.optim.lr_scheduler.StepLR, dict(step_size=6, gamma=0.5)),
    "cosine": (torch.optim.lr_scheduler.CosineAnnealingLR, dict(T_max=RATES)),
    "cosine-min": (torch.optim.lr_scheduler.CosineAnnealingLR, dict(T_max=RATES, eta_min=0.01)),
    "linear-warm-up": (torch.optim.lr_scheduler.LinearLR, dict(start_factor=0.25, total_iters=8)),
}


def schedules():
    """The learning rate used for update 0, 1, … 19 from a base of 0.1, then the rate after the last of them."""
    tensors, variants = {}, []
    for name, (schedule_class, options) in SCHEDULES.items():
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        schedule, rates = schedule_class(optimizer, **options), []
        for _ in range(RATES):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
        tensors[f"rate.{name}"] = torch.tensor(rates, dtype=torch.float64)
        variants.append({"name": name, "schedule": schedule_class.__name__, "base": 0.1, "options": options})
    return tensors, variants


def clipping(draw):
    """Two gradients clipped together by global norm, and by value."""
    gradients = {"a": draw(3, 2).double(), "b": (2 * draw(4)).double()}
    tensors, variants = {f"gradient.{name}": value for name, value in gradients.items()}, []
    for name, limit in (("norm", 1.0), ("norm-slack", 100.0), ("value", 0.5)):
        parameters = {key: torch.nn.Parameter(torch.zeros_like(value)) for key, value in gradients.items()}
        for key, parameter in parameters.items():
            parameter.grad = gradients[key].clone()
        by_value = name == "value"
        if by_value:
            clip_grad_value_(parameters.values(), limit)
        else:
            tensors[f"norm.{name}"] = clip_grad_norm_(list(parameters.values()), limit)
        for key, parameter in parameters.items():
            tensors[f"clipped.{name}.{key}"] = parameter.grad
        variants.append({"name": name, "by": "value" if by_value else "norm", "limit": limit})
    return tensors, variants
