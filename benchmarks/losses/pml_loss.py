"""Measures forward and backward pass of one loss of PyTorch Metric Learning, alone in its process.

usage: pml_loss.py NAME N THREADS MEMORY_GIB DEVICE; prints one line of JSON
"""
import json
import re
import resource
import sys
import time

import torch
from pytorch_metric_learning import losses, miners

EMBEDDING_SIZE, SAMPLES_PER_CLASS = 512, 4
name, n, threads, memory, device = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
torch.set_num_threads(threads)
torch.manual_seed(0)
# Ten bits of mantissa in float32 products on the card, as TensorFlow does by default.
torch.backends.cuda.matmul.allow_tf32 = True


def resident_mib(entry):
    with open("/proc/self/status") as status:
        return int(re.search(rf"^{entry}:\s+(\d+) kB$", status.read(), re.M).group(1)) / 1024


found = re.search(r"(\d+) classes", name)
num_classes = int(found.group(1)) if found else n
kind = name.split(",")[0].split(" + ")[-1]
kwargs = {"num_classes": num_classes, "embedding_size": EMBEDDING_SIZE} if found else {}
loss = getattr(losses, kind)(**kwargs).to(device)
miner = miners.MultiSimilarityMiner() if " + " in name else None
embeddings = torch.randn(n, EMBEDDING_SIZE, device=device, requires_grad=True)
labels = torch.arange(n, device=device) // SAMPLES_PER_CLASS % num_classes


def one_pass():
    start = time.perf_counter()
    embeddings.grad = None
    for parameter in loss.parameters():
        parameter.grad = None
    loss(embeddings, labels, miner(embeddings, labels) if miner else None).backward()
    if device == "cuda":
        torch.cuda.synchronize()  # kernels run on by themselves
    return (time.perf_counter() - start) * 1000


def is_wanted(passes, seconds):
    """Passes for 2 seconds, 200 at most; slow ones three times, if that takes less than 20 seconds."""
    return passes == 0 or (passes < 200 and seconds < 2) or (passes < 3 and seconds < 20)


before = resident_mib("VmRSS")
if device == "cpu":
    resource.setrlimit(resource.RLIMIT_DATA, (int(memory * 2**30),) * 2)
else:
    torch.cuda.set_per_process_memory_fraction(min(1, memory * 2**30 / torch.cuda.get_device_properties(0).total_memory))
try:
    one_pass()
    times, start = [], time.perf_counter()
    while is_wanted(len(times), time.perf_counter() - start):
        times.append(one_pass())
    print(json.dumps({"times": times, "memory": resident_mib("VmHWM") - before}))
except (MemoryError, RuntimeError) as error:
    if "memory" not in str(error).lower() and not isinstance(error, MemoryError):
        raise
    print(json.dumps({"reason": f"more than {memory:g} GiB"}))
