"""Measures one row on PyTorch Metric Learning's side, alone in its process: prints a line of JSON.

usage: pml_evaluation.py TASK EMBEDDINGS LABELS DIM CLASSES THREADS MEMORY_GIB METRIC ...
"""
import json
import re
import resource
import sys
import time

import faiss
import numpy as np
import torch
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import FaissKMeans

task, embeddings_file, labels_file = sys.argv[1:4]
dim, classes, threads = map(int, sys.argv[4:7])
limit, metrics = float(sys.argv[7]), sys.argv[8:]
torch.set_num_threads(threads)
faiss.omp_set_num_threads(threads)
resource.setrlimit(resource.RLIMIT_DATA, (int(limit * 2**30),) * 2)

embeddings = torch.from_numpy(np.fromfile(embeddings_file, dtype=np.float32).reshape(-1, dim))
labels = torch.from_numpy(np.fromfile(labels_file, dtype=np.int32).astype(np.int64))


def inertia(x, clusters):
    x = x.numpy().astype(np.float64)
    order = np.argsort(clusters, kind="stable")
    return sum(np.sum((part - part.mean(axis=0)) ** 2) for part in np.split(x[order], np.flatnonzero(np.diff(clusters[order])) + 1))


def compute(embeddings, labels):
    """The time of what is compared, and the values."""
    start = time.perf_counter()
    if task == "k-means":
        clusters = FaissKMeans(niter=20)(embeddings, min(classes, len(labels)))
        return time.perf_counter() - start, {"inertia": inertia(embeddings, np.asarray(clusters))}
    values = AccuracyCalculator(include=metrics, k="max_bin_count", device=torch.device("cpu")).get_accuracy(embeddings, labels)
    return time.perf_counter() - start, {name: float(value) for name, value in values.items()}


def peak_mib():
    with open("/proc/self/status") as status:
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status.read(), re.M).group(1)) / 1024


few = max(2 * classes, len(labels) // 20)
compute(embeddings[:few], labels[:few])
try:
    seconds, values = compute(embeddings, labels)
    print(json.dumps({"seconds": seconds, "peak": peak_mib(), "values": values}))
except (MemoryError, RuntimeError) as error:
    if not isinstance(error, MemoryError) and "memory" not in str(error).lower():
        raise
    print(json.dumps({"reason": f"more than {limit:g} GiB"}))
