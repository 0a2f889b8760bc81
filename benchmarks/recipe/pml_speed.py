"""Images per second of the recipe with PyTorch and PyTorch Metric Learning: `pml_speed.py TRAIN_FOLDER STEPS THREADS`.

ImageFolder and a DataLoader with as many workers as there are threads, the same augmentation, ResNet50 at 64 x 64, MultiSimilarityMiner,
TripletMarginLoss, Adam; nothing is logged, and no checkpoint is written.
"""

import json
import sys
import time

import torch
import torchvision
from pytorch_metric_learning import losses, miners, samplers
from torch import nn
from torchvision import transforms

FOLDER, STEPS, THREADS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
BATCH, WARM_UP = 64, 3

torch.set_num_threads(THREADS)
torch.manual_seed(0)
augmentation = transforms.Compose(
    [
        transforms.RandomResizedCrop(64),
        transforms.RandomHorizontalFlip(),
        transforms.ColorJitter(0.4, 0.4, 0.4, 0.1),
        transforms.ToTensor(),
        transforms.Normalize((0.48, 0.45, 0.40), (0.28, 0.27, 0.28)),
        transforms.RandomErasing(0.25),
    ]
)
dataset = torchvision.datasets.ImageFolder(FOLDER, augmentation)
sampler = samplers.MPerClassSampler(dataset.targets, 4, BATCH, length_before_new_iter=(WARM_UP + STEPS) * BATCH)
loader = torch.utils.data.DataLoader(dataset, BATCH, sampler=sampler, num_workers=THREADS)
trunk = torchvision.models.resnet50(weights=None)
trunk.fc = nn.Linear(2048, 512)
miner, loss_function = miners.MultiSimilarityMiner(epsilon=0.1), losses.TripletMarginLoss(margin=0.05)
optimizer = torch.optim.Adam(trunk.parameters(), lr=1e-3)
for step, (images, labels) in enumerate(loader):
    if step == WARM_UP:
        began = time.perf_counter()
    embeddings = trunk(images)
    loss = loss_function(embeddings, labels, miner(embeddings, labels))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(json.dumps({"imagesPerSecond": STEPS * BATCH / (time.perf_counter() - began), "steps": STEPS}))
