"""A turn of PyTorch with PyTorch Metric Learning, in a process of its own.

    step_peer.py REQUEST

REQUEST is a TurnRequest of src/turn.ts as JSON. Prints `timing` when the warm-up is over, and at the end a Turn as JSON.
"""

import json
import re
import statistics
import sys
import time
import types

import torch
from pytorch_metric_learning import losses, miners
from torch import nn

from nets import trunk_of

request = types.SimpleNamespace(**json.loads(sys.argv[1]))
is_cuda = request.device == "cuda"
torch.set_num_threads(request.threads)
torch.manual_seed(0)
# Ten bits of mantissa in float32 products on the card, as TensorFlow does by default.
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.allow_tf32 = True


def resident_memory(entry):
    with open("/proc/self/status", encoding="ascii") as status:
        return int(re.search(rf"^{entry}:\s+(\d+) kB$", status.read(), re.M).group(1)) / 1024


base = resident_memory("VmRSS")
trunk, size = trunk_of(request.net, request.channels)
net = nn.Sequential(trunk, nn.Linear(size, 64)).to(request.device)
miner = miners.MultiSimilarityMiner() if request.loss == "triplet" else None
loss_function = losses.TripletMarginLoss() if request.loss == "triplet" else losses.ArcFaceLoss(245, 64).to(request.device)
optimizers = [torch.optim.Adam(net.parameters(), lr=1e-3)]
if list(loss_function.parameters()):
    optimizers.append(torch.optim.Adam(loss_function.parameters(), lr=1e-2))
forward = torch.compile(net) if request.compile else net
images = torch.randint(0, 256, (request.batch, request.channels, request.imageSize, request.imageSize), dtype=torch.uint8)
labels = torch.arange(request.batch) // 4
if is_cuda:
    images, labels = images.pin_memory(), labels.pin_memory()


def step():
    """As in src/trainer-of.ts: pixels come from the host in each step, the loss is in float32."""
    on_device = images.to(request.device, non_blocking=True)
    classes = labels.to(request.device, non_blocking=True)
    with torch.autocast(request.device, dtype=torch.bfloat16, enabled=request.precision == "bfloat16"):
        embeddings = forward(on_device.float().div(255).sub(0.5).div(0.25))
    embeddings = embeddings.float()
    loss = loss_function(embeddings, classes, miner(embeddings, classes) if miner else None)
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()
    return loss


def milliseconds():
    """On a card the mean, with one wait at the end; else the median of steps."""
    if is_cuda:
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(request.steps):
            step()
        torch.cuda.synchronize()
        return 1000 * (time.perf_counter() - started) / request.steps
    times = []
    for _ in range(request.steps):
        started = time.perf_counter()
        step().item()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


for _ in range(request.warmUp):
    step().item()
print("timing", flush=True)
turn = {"milliseconds": milliseconds(), "baseMiB": base, "peakMiB": resident_memory("VmHWM")}
print(json.dumps(turn))
