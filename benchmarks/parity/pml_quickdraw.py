"""The quickstart's recipe with PyTorch and PyTorch Metric Learning: the peer that ours is measured against.

Reads two raw files (uint8 images, int32 labels) for each split, trains one loss, and prints one JSON
line for the untrained network and one for each epoch, with all seven accuracies and the seconds that
training took (evaluation not counted).
"""

import argparse
import json
import math
import time

import faiss
import numpy as np
import torch
from pytorch_metric_learning import losses, miners, samplers
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="folder with {train,test}.{images,labels}.bin")
parser.add_argument("--loss", choices=["triplet", "arcface"], required=True)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--steps", type=int, default=0, help="steps an epoch; 0 = one pass over the training set")
parser.add_argument("--width", type=int, default=16)
parser.add_argument("--embedding-size", type=int, default=64)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--m", type=int, default=4)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
parser.add_argument("--no-eval", action="store_true", help="train only, for timing")
options = parser.parse_args()

torch.set_num_threads(options.threads)
faiss.omp_set_num_threads(options.threads)
torch.manual_seed(options.seed)
# Ten bits of mantissa in float32 products on the card, as TensorFlow does by default.
torch.backends.cuda.matmul.allow_tf32 = True
np.random.seed(options.seed)


def read(split):
    images = np.fromfile(f"{options.data}/{split}.images.bin", np.uint8).reshape(-1, 1, 28, 28)
    labels = np.fromfile(f"{options.data}/{split}.labels.bin", np.int32)
    return torch.from_numpy(images).float().div_(255), torch.from_numpy(labels).long()


def block(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


train_images, train_labels = read("train")
test_images, test_labels = read("test")
mean, std = train_images.mean(), train_images.std()
train_images, test_images = (train_images - mean) / std, (test_images - mean) / std

width = options.width
net = nn.Sequential(
    block(1, width),
    block(width, 2 * width),
    block(2 * width, 4 * width),
    block(4 * width, 4 * width),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(4 * width, options.embedding_size),
).to(options.device)
classes = int(train_labels.max()) + 1
if options.loss == "triplet":
    loss_function, miner = losses.TripletMarginLoss(margin=0.05), miners.MultiSimilarityMiner()
else:
    # CosFace's lower bound of s (arXiv:1801.09414) for a probability of 0.9.
    scale = (classes - 1) / classes * math.log((classes - 1) * 0.9 / (1 - 0.9))
    loss_function = losses.ArcFaceLoss(classes, options.embedding_size, margin=28.6, scale=scale).to(options.device)
    miner = None
optimizers = [torch.optim.Adam(net.parameters(), lr=1e-3)]
if list(loss_function.parameters()):
    optimizers.append(torch.optim.Adam(loss_function.parameters(), lr=1e-2))

steps = options.steps or len(train_labels) // options.batch_size
sampler = samplers.MPerClassSampler(
    train_labels.numpy(), options.m, options.batch_size, length_before_new_iter=steps * options.batch_size
)
calculator = AccuracyCalculator(device=torch.device("cpu"))


def report(epoch, **extra):
    result = {"epoch": epoch, **extra}
    if not options.no_eval:
        net.eval()
        with torch.no_grad():
            embeddings = torch.cat([net(part.to(options.device)) for part in test_images.split(256)]).cpu()
        net.train()
        embeddings = nn.functional.normalize(embeddings)
        accuracies = calculator.get_accuracy(embeddings, test_labels)
        result["metrics"] = {name: float(value) for name, value in accuracies.items()}
    print(json.dumps(result), flush=True)


report(0)
seconds = 0.0
for epoch in range(1, options.epochs + 1):
    started = time.perf_counter()
    indices = iter(sampler)
    for _ in range(steps):
        rows = [next(indices) for _ in range(options.batch_size)]
        embeddings = net(train_images[rows].to(options.device))
        labels = train_labels[rows].to(options.device)
        pairs = miner(embeddings, labels) if miner else None
        loss = loss_function(embeddings, labels, pairs)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
    if options.device == "cuda":
        torch.cuda.synchronize()  # kernels run on by themselves
    seconds += time.perf_counter() - started
    report(epoch, seconds=seconds, images_per_second=epoch * steps * options.batch_size / seconds)
