"""Measures one miner of PyTorch Metric Learning with a loss, alone in its process: prints one line of JSON for each size.

usage: pml_miner.py PAIR DIM THREADS MEMORY_GIB SAMPLES_PER_CLASS N:MEMORY ...
"""
import json
import re
import resource
import sys
import time

import torch
from pytorch_metric_learning import losses, miners

pair, dim, threads, limit, samples = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
sizes = [tuple(map(int, size.split(":"))) for size in sys.argv[6:]]
torch.set_num_threads(threads)
torch.manual_seed(0)
resource.setrlimit(resource.RLIMIT_DATA, (int(limit * 2**30),) * 2)


def peak_mib():
    with open("/proc/self/status") as status:
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status.read(), re.M).group(1)) / 1024


def classes(count):
    return torch.arange(count) // samples


def make(n, memory):
    mined_by, loss = pair.split(" + ")
    name, *kind = mined_by.split(", ")
    made = getattr(losses, loss)()
    if name != "CrossBatchMemory":
        miner = getattr(miners, name)(**({"type_of_triplets": kind[0]} if kind else {}))
        return made, miner
    wrapped = losses.CrossBatchMemory(made, embedding_size=dim, memory_size=memory)
    wrapped.embedding_memory = torch.randn(memory, dim)
    wrapped.label_memory = classes(memory)
    wrapped.has_been_filled = True
    return wrapped, None


def measure(n, memory):
    loss, miner = make(n, memory)
    embeddings = torch.randn(n, dim, requires_grad=True)
    labels = classes(n)
    references = (torch.randn(memory, dim), classes(memory)) if memory and miner else ()

    def one_pass():
        start = time.perf_counter()
        embeddings.grad = None
        if miner:
            loss(embeddings, labels, miner(embeddings, labels, *references), *references).backward()
        else:
            loss(embeddings, labels).backward()
        return (time.perf_counter() - start) * 1000

    first = one_pass()
    times, start = [], time.perf_counter()
    while first < 3000 and len(times) < 100 and (len(times) < 3 or time.perf_counter() - start < 0.5):
        times.append(one_pass())
        if time.perf_counter() - start > 5:
            break
    return times or [first]


for n, memory in sizes:
    try:
        print(json.dumps({"n": n, "memory": memory, "times": measure(n, memory), "peak": peak_mib()}), flush=True)
    except (MemoryError, RuntimeError) as error:
        reason = str(error)
        if not isinstance(error, MemoryError) and "memory" not in reason.lower():
            print(json.dumps({"n": n, "memory": memory, "reason": "fails: " + reason.splitlines()[0][:60]}), flush=True)
        else:
            print(json.dumps({"n": n, "memory": memory, "reason": f"more than {limit:g} GiB"}), flush=True)
