"""Losses of the benchmark with PyTorch and PyTorch Metric Learning, on the very same splits, folds, trunk, epochs, batches and sampler.

One method with one seed: reads images (uint8) and labels (int32) of each fold and of the test set, and prints one JSON line for each fold
that was judged and one for all of them joined.
"""

import argparse
import json
import time

import faiss
import numpy as np
import torch
from pytorch_metric_learning import losses, miners, samplers
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="folder with meta.json and what it names")
parser.add_argument("--method", choices=["Contrastive", "Triplet", "ArcFace"], required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--judge-every", type=int, required=True, help="epochs between two looks at the validation fold")
parser.add_argument("--learning-rate", type=float, required=True)
parser.add_argument("--threads", type=int, required=True)
options = parser.parse_args()

torch.set_num_threads(options.threads)
faiss.omp_set_num_threads(options.threads)
meta = json.load(open(f"{options.data}/meta.json"))
BATCH, M, WIDTH, SIZE = 64, 4, 8, 128
NAMES = {"precision_at_1": "precisionAt1", "r_precision": "rPrecision", "mean_average_precision_at_r": "meanAveragePrecisionAtR"}
calculator = AccuracyCalculator(include=tuple(NAMES), k="max_bin_count", device=torch.device("cpu"))


def read(name, like=None):
    """Images and labels; normalised by the statistics of these images, or of others."""
    described, statistics = meta[name], meta[like or name]
    height, width, channels = described["shape"]
    images = np.fromfile(f"{options.data}/{name}.images.bin", np.uint8).reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
    mean, std = (torch.tensor(statistics[key]).reshape(1, -1, 1, 1) for key in ("mean", "std"))
    labels = torch.from_numpy(np.fromfile(f"{options.data}/{name}.labels.bin", np.int32)).long()
    return (torch.from_numpy(images.copy()).float().div_(255) - mean) / std, labels


def block(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.MaxPool2d(2), nn.ReLU())


def network(channels):
    return nn.Sequential(
        block(channels, WIDTH),
        block(WIDTH, 2 * WIDTH),
        block(2 * WIDTH, 4 * WIDTH),
        block(4 * WIDTH, 4 * WIDTH),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4 * WIDTH, SIZE),
    )


def objective(method, classes):
    if method == "Contrastive":
        return losses.ContrastiveLoss(pos_margin=0, neg_margin=0.5), None
    if method == "Triplet":
        return losses.TripletMarginLoss(), miners.MultiSimilarityMiner()
    return losses.ArcFaceLoss(classes, SIZE, scale=16), None


@torch.no_grad()
def embedded(net, images):
    net.eval()
    found = nn.functional.normalize(torch.cat([net(part) for part in images.split(256)]))
    net.train()
    return found


def judged(embeddings, labels):
    found = calculator.get_accuracy(embeddings, labels)
    return {ours: float(found[name]) for name, ours in NAMES.items()}


def trained(method, seed, fold):
    """The test set by the epoch that is best on the validation fold."""
    torch.manual_seed(1000 * seed + fold)
    np.random.seed(1000 * seed + fold)
    images, labels = read(f"fold-{fold}-train")
    fold_images, fold_labels = read(f"fold-{fold}-judged")
    test_images, _ = read("test", like=f"fold-{fold}-train")
    net = network(images.shape[1])
    loss_function, miner = objective(method, int(labels.max()) + 1)
    optimizers = [torch.optim.Adam(net.parameters(), lr=options.learning_rate)]
    if list(loss_function.parameters()):
        optimizers.append(torch.optim.Adam(loss_function.parameters(), lr=1e-2))
    steps = len(labels) // BATCH
    sampler = samplers.MPerClassSampler(labels.numpy(), M, BATCH, length_before_new_iter=steps * BATCH)
    best, best_value, best_epoch, seconds = None, -1.0, 0, 0.0
    for epoch in range(1, options.epochs + 1):
        started = time.perf_counter()
        indices = iter(sampler)
        for _ in range(steps):
            rows = [next(indices) for _ in range(BATCH)]
            embeddings, batch_labels = net(images[rows]), labels[rows]
            loss = loss_function(embeddings, batch_labels, miner(embeddings, batch_labels) if miner else None)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
        seconds += time.perf_counter() - started
        if epoch % options.judge_every == 0:
            value = judged(embedded(net, fold_images), fold_labels)["meanAveragePrecisionAtR"]
            if value > best_value:
                best, best_value, best_epoch = embedded(net, test_images), value, epoch
    return best, best_epoch, seconds


_, test_labels = read("test")
same = {"method": f"{options.method}, PML", "seed": options.seed}
parts, seconds = [], 0.0
for fold in range(sum(name.endswith("-train") for name in meta)):
    embeddings, epoch, taken = trained(options.method, options.seed, fold)
    parts.append(embeddings)
    seconds += taken
    print(json.dumps({**same, "fold": fold, "view": "apart", "metrics": judged(embeddings, test_labels), "epoch": epoch, "trainingSeconds": taken}))
print(json.dumps({**same, "view": "joined", "metrics": judged(torch.cat(parts, 1), test_labels), "trainingSeconds": seconds}))
