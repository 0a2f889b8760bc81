"""The recipe with PyTorch and PyTorch Metric Learning: the very same images, network, sampler, optimizers, epochs and judgement.

Prints one JSON line for each run: seven accuracies of the held-out classes after the last epoch, and the seconds that training took.
"""

import argparse
import json
import time

import faiss
import numpy as np
import torch
import torchvision
from pytorch_metric_learning import losses, miners, samplers
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="folder with meta.json and what it names")
parser.add_argument("--method", choices=["Triplet", "ArcFace"], required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--samples", type=int, required=True, help="samples an epoch")
parser.add_argument("--learning-rate", type=float, required=True, help="of the trunk")
parser.add_argument("--weights", help="of EfficientNet-Lite0; default: a ResNet18 from scratch")
parser.add_argument("--threads", type=int, required=True)
options = parser.parse_args()

torch.set_num_threads(options.threads)
faiss.omp_set_num_threads(options.threads)
torch.manual_seed(options.seed)
np.random.seed(options.seed)
meta = json.load(open(f"{options.data}/meta.json"))
BATCH, M, SIZE = 64, 4, 512
NAMES = {
    "AMI": "AMI",
    "NMI": "NMI",
    "mean_average_precision": "meanAveragePrecision",
    "mean_average_precision_at_r": "meanAveragePrecisionAtR",
    "mean_reciprocal_rank": "meanReciprocalRank",
    "precision_at_1": "precisionAt1",
    "r_precision": "rPrecision",
}


def read(name):
    described = meta[name]
    height, width, channels = described["shape"]
    images = np.fromfile(f"{options.data}/{name}.images.bin", np.uint8).reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
    mean, std = ([127 / 255] * channels, [128 / 255] * channels) if options.weights else (described["mean"], described["std"])
    mean, std = (torch.tensor(values).reshape(1, -1, 1, 1) for values in (mean, std))
    labels = torch.from_numpy(np.fromfile(f"{options.data}/{name}.labels.bin", np.int32)).long()
    return (torch.from_numpy(images.copy()).float().div_(255) - mean) / std, labels


class Lite(nn.Module):
    """EfficientNet-Lite0 without its classifier; grey images are repeated in its three channels."""

    def __init__(self):
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        self.net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=options.weights)
        # Ours has none.
        self.net._global_params = self.net._global_params._replace(drop_connect_rate=0)

    def forward(self, images):
        return self.net._avg_pooling(self.net.extract_features(images.expand(-1, 3, -1, -1))).flatten(1)


train_images, train_labels = read("train")
test_images, test_labels = read("test")
if options.weights:
    trunk, features = Lite(), 1280
else:
    trunk, features = torchvision.models.resnet18(weights=None), 512
    trunk.fc = nn.Identity()
    if train_images.shape[1] != 3:
        trunk.conv1 = nn.Conv2d(train_images.shape[1], 64, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(trunk.conv1.weight, mode="fan_out", nonlinearity="relu")
embedder = nn.Linear(features, SIZE)
classes = int(train_labels.max()) + 1
loss_function = losses.TripletMarginLoss(margin=0.05) if options.method == "Triplet" else losses.ArcFaceLoss(classes, SIZE, margin=28.6, scale=16)
miner = miners.MultiSimilarityMiner(epsilon=0.1) if options.method == "Triplet" else None
optimizers = [torch.optim.Adam(trunk.parameters(), lr=options.learning_rate), torch.optim.Adam(embedder.parameters(), lr=1e-3)]
if list(loss_function.parameters()):
    optimizers.append(torch.optim.Adam(loss_function.parameters(), lr=1e-2))
sampler = samplers.MPerClassSampler(train_labels.numpy(), M, BATCH, length_before_new_iter=options.samples)

trunk.train()
started = time.perf_counter()
for _ in range(options.epochs):
    indices = iter(sampler)
    for _ in range(options.samples // BATCH):
        rows = [next(indices) for _ in range(BATCH)]
        embeddings, labels = embedder(trunk(train_images[rows])), train_labels[rows]
        loss = loss_function(embeddings, labels, miner(embeddings, labels) if miner else None)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
seconds = time.perf_counter() - started

trunk.eval()
with torch.no_grad():
    embeddings = nn.functional.normalize(torch.cat([embedder(trunk(part)) for part in test_images.split(256)]))
found = AccuracyCalculator(k="max_bin_count", device=torch.device("cpu")).get_accuracy(embeddings, test_labels)
metrics = {ours: float(found[name]) for name, ours in NAMES.items()}
print(json.dumps({"method": f"{options.method}, PML", "seed": options.seed, "view": "run", "metrics": metrics, "epoch": options.epochs, "trainingSeconds": seconds}))
