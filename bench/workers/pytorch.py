"""The PyTorch column: answers one JSON request a line on standard input with one JSON line on standard output.

Threads come from OMP_NUM_THREADS and OPENBLAS_NUM_THREADS. Model, parameters, data and requests are those of
src/workers/; the losses of the first steps show that the work is the same. With the argument "cuda" it runs on the GPU, in
full f32 precision: without TF32, which keeps ten bits of a product's factors.
"""

import json
import os
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

DEVICE = sys.argv[1] if len(sys.argv) > 1 else "cpu"
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
LEARNING_RATE = 1e-3
MAX_NORM = 1.0
BATCHES = 4


def uniform(seed, start, count):
    """Numbers in [0, 1) that depend on seed and index alone, as in src/workers/numbers.ts."""
    with np.errstate(over="ignore"):
        x = np.arange(start, start + count, dtype=np.uint32) + np.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x7FEB352D)
        x ^= x >> np.uint32(15)
        x *= np.uint32(0x846CA68B)
        x ^= x >> np.uint32(16)
    return x.astype(np.float64) / 2**32


class MinimalGatedUnit(nn.Module):
    """Layers of the minimal gated unit (Zhou et al. 2016) as a user writes them; parameters in the order of torch's own layers."""

    def __init__(self, inputs, hidden, layers):
        super().__init__()
        self.hidden, self.layers = hidden, layers
        for layer in range(layers):
            for name, shape in (
                ("weight_ih", (2 * hidden, inputs if layer == 0 else hidden)),
                ("weight_hh", (2 * hidden, hidden)),
                ("bias_ih", (2 * hidden,)),
                ("bias_hh", (2 * hidden,)),
            ):
                self.register_parameter(f"{name}_l{layer}", nn.Parameter(torch.empty(shape)))

    def forward(self, x, carry):
        after = []
        for layer in range(self.layers):
            weight_ih, weight_hh, bias_ih, bias_hh = (
                getattr(self, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            forget_x, new_x = F.linear(x, weight_ih, bias_ih).chunk(2, -1)
            forget_u, new_u = weight_hh.chunk(2)
            forget_b, new_b = bias_hh.chunk(2)
            h, outputs = carry[layer], []
            for t in range(x.shape[0]):
                forget = torch.sigmoid(forget_x[t] + F.linear(h, forget_u, forget_b))
                candidate = torch.tanh(new_x[t] + F.linear(forget * h, new_u, new_b))
                h = h + forget * (candidate - h)
                outputs.append(h)
            x = torch.stack(outputs)
            after.append(h)
        return x, torch.stack(after)


class CharModel(nn.Module):
    def __init__(self, row):
        super().__init__()
        kinds = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN, "mgu": MinimalGatedUnit}
        self.embedding = nn.Embedding(row["vocabulary"], row["embedding"])
        self.rnn = kinds[row["cell"]](row["embedding"], row["hidden"], row["layers"])
        self.head = nn.Linear(row["hidden"], row["vocabulary"])
        offset = 0
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                bound = 1.0 if name.startswith("embedding") else 1.0 / row["hidden"] ** 0.5
                values = (uniform(1, offset, parameter.numel()) * 2 - 1) * bound
                parameter.copy_(torch.from_numpy(values.astype(np.float32)).reshape(parameter.shape))
                offset += parameter.numel()

    def forward(self, tokens, carry):
        output, carry = self.rnn(self.embedding(tokens), carry)
        return self.head(output), carry


def detach(carry):
    return tuple(part.detach() for part in carry) if isinstance(carry, tuple) else carry.detach()


class Job:
    def __init__(self, row):
        time_steps, batch = row["time"], row["batch"]
        self.row = row
        self.model = CharModel(row).to(DEVICE)
        self.parameters = list(self.model.parameters())
        self.optimizer = torch.optim.Adam(self.parameters, lr=LEARNING_RATE)
        count = (BATCHES * time_steps + 1) * batch
        tokens = np.floor(uniform(2, 0, count) * row["vocabulary"]).astype(np.int64).reshape(-1, batch)
        stream = torch.from_numpy(tokens).to(DEVICE)
        self.batches = [
            (stream[at : at + time_steps].contiguous(), stream[at + 1 : at + 1 + time_steps].contiguous())
            for at in range(0, BATCHES * time_steps, time_steps)
        ]
        self.steps = 0
        self.loss = None
        shape = (row["layers"], batch, row["hidden"])
        zeros = torch.zeros(shape, device=DEVICE)
        self.carry = (zeros, torch.zeros(shape, device=DEVICE)) if row["cell"] == "lstm" else zeros
        self.step = self.train if row["mode"] == "train" else self.infer

    def train(self):
        inputs, targets = self.batches[self.steps % BATCHES]
        self.steps += 1
        logits, carry = self.model(inputs, self.carry)
        loss = F.cross_entropy(logits.view(-1, self.row["vocabulary"]), targets.view(-1))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, MAX_NORM)
        self.optimizer.step()
        self.carry = detach(carry)
        self.loss = loss.detach()

    @torch.inference_mode()
    def infer(self):
        inputs, targets = self.batches[self.steps % BATCHES]
        self.steps += 1
        logits, self.carry = self.model(inputs, self.carry)
        self.loss = logits.view(-1)[0]
        logits.argmax(-1).tolist()


job = None


def prepare(request):
    global job
    job = None
    job = Job(request["row"])
    losses, seconds = [], []
    while len(losses) < 2 or (len(losses) < request["steps"] and sum(seconds) < request["seconds"]):
        start = time.perf_counter()
        job.step()
        losses.append(job.loss.item())
        seconds.append(time.perf_counter() - start)
    return {
        "parameters": sum(parameter.numel() for parameter in job.parameters),
        "losses": losses,
        "stepSeconds": seconds[-1],
    }


def run(request):
    start = time.perf_counter()
    steps = 0
    while True:
        job.step()
        steps += 1
        if time.perf_counter() - start >= request["seconds"]:
            # What was enqueued is waited for, and counts.
            loss = job.loss.item()
            return {"steps": steps, "seconds": time.perf_counter() - start, "loss": loss}


def product(request):
    size = request["size"]
    a, b = torch.rand(size, size, device=DEVICE), torch.rand(size, size, device=DEVICE)
    out = torch.empty(size, size, device=DEVICE)
    torch.mm(a, b.t(), out=out)
    start = time.perf_counter()
    calls = 0
    while True:
        torch.mm(a, b.t(), out=out)
        calls += 1
        if DEVICE == "cuda" and calls % 64 == 0:
            torch.cuda.synchronize()
        elapsed = time.perf_counter() - start
        if elapsed >= request["seconds"] and (DEVICE == "cpu" or calls % 64 == 0):
            return {"gflops": 2 * size**3 * calls / elapsed / 1e9}


def release(_request):
    global job
    job = None
    return {}


def blas():
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "blas" in line.lower()}
    names = {os.path.basename(os.path.realpath(path)) for path in paths}
    return " + ".join(sorted(name for name in names if not name.startswith("liblapack"))) or "none found"


def facts():
    if DEVICE == "cuda":
        details = {"device": torch.cuda.get_device_name(), "cudnn": str(torch.backends.cudnn.version()), "tf32": "off"}
        return {"runtime": f"Python {sys.version.split()[0]}", "version": torch.__version__, "details": details}
    threads = {name: os.environ.get(name, "not set") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    return {
        "runtime": f"Python {sys.version.split()[0]}",
        "version": torch.__version__,
        "details": {"blas": blas(), "vectors": capability(), **threads},
    }


def capability():
    found = [line for line in torch.__config__.show().splitlines() if "CPU capability" in line]
    return found[0].split(":")[-1].strip() if found else "unknown"


def answer(value):
    replies.write(json.dumps(value) + "\n")
    replies.flush()


requests = {"prepare": prepare, "run": run, "product": product, "release": release}
replies, sys.stdout = sys.stdout, sys.stderr
answer({"ready": facts()})
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer({"result": requests[asked["request"]](asked)})
    except Exception as error:  # The row has failed, the column goes on.
        answer({"error": f"{type(error).__name__}: {error}"})
