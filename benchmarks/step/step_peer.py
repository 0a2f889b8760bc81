"""One turn of PyTorch with PyTorch Metric Learning: prints the median milliseconds of a step as JSON."""

import argparse
import json
import resource
import statistics
import time

import torch
from pytorch_metric_learning import losses, miners
from torch import nn

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--net", required=True)
parser.add_argument("--loss", choices=["triplet", "arcface"], required=True)
parser.add_argument("--steps", type=int, default=30)
parser.add_argument("--warm-up", type=int, default=5)
parser.add_argument("--batch", type=int, required=True)
parser.add_argument("--side", type=int, required=True)
parser.add_argument("--channels", type=int, required=True)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--compile", action="store_true")
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(0)


def conv_net(channels, width):
    def block(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]

    widths = [width, 2 * width, 4 * width, 4 * width]
    layers = [layer for i, o in zip([channels, *widths], widths) for layer in block(i, o)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), widths[-1]


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.down = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if stride != 1 or inputs != outputs
            else nn.Identity()
        )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.down(x))


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = 4 * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.down = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            if stride != 1 or inputs != outputs
            else nn.Identity()
        )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        return torch.relu(self.bn3(self.conv3(y)) + self.down(x))


def small_res_net(channels):
    layers = [nn.Conv2d(channels, 32, 7, 2, 3, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 32
    for stage, width in enumerate([32, 64, 128, 256]):
        layers += [BasicBlock(inputs, width, 1 if stage == 0 else 2), BasicBlock(width, width, 1)]
        inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 256


def res_net_50(channels):
    layers = [nn.Conv2d(channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, (width, blocks) in enumerate(zip([64, 128, 256, 512], [3, 4, 6, 3])):
        for block in range(blocks):
            layers.append(Bottleneck(inputs, width, 2 if stage > 0 and block == 0 else 1))
            inputs = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 2048


name, _, width = options.net.partition("-")
trunk, size = {
    "convnet": lambda: conv_net(options.channels, int(width or 16)),
    "smallresnet": lambda: small_res_net(options.channels),
    "resnet50": lambda: res_net_50(options.channels),
}[name]()
net = nn.Sequential(trunk, nn.Linear(size, 64))
classes = 245
miner = miners.MultiSimilarityMiner() if options.loss == "triplet" else None
loss_function = losses.TripletMarginLoss() if options.loss == "triplet" else losses.ArcFaceLoss(classes, 64)
optimizers = [torch.optim.Adam(net.parameters(), lr=1e-3)]
if list(loss_function.parameters()):
    optimizers.append(torch.optim.Adam(loss_function.parameters(), lr=1e-2))
forward = torch.compile(net) if options.compile else net
images = torch.randint(0, 256, (options.batch, options.channels, options.side, options.side), dtype=torch.uint8)
labels = torch.arange(options.batch) // 4


def step():
    embeddings = forward(images.float().div(255).sub(0.5).div(0.25))
    loss = loss_function(embeddings, labels, miner(embeddings, labels) if miner else None)
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()


for _ in range(options.warm_up):
    step()
times = []
for _ in range(options.steps):
    started = time.perf_counter()
    step()
    times.append(1000 * (time.perf_counter() - started))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"milliseconds": statistics.median(times), "peakMegabytes": peak / 1024}))
