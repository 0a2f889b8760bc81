"""The runs of examples/schemes with PyTorch Metric Learning's trainers: the peer that they are measured against.

Reads two raw files (uint8 images, int32 labels) for each split, trains by each scheme that is asked for, and prints one
JSON line for each: metrics on the held-out classes before the first epoch and after the last one. Networks, batches,
numbers of steps, losses, optimizers and rates are those of the examples. Views without labels have no trainer in PyTorch
Metric Learning: they are trained with its losses in a plain loop.
"""

import argparse
import json
import logging

import faiss
import numpy as np
import torch
from pytorch_metric_learning import losses, miners, samplers, trainers
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from torch import nn
from torch.nn import functional as F

SCHEMES = [
    "metricLossOnly",
    "trainWithClassifier",
    "cascadedEmbeddings",
    "deepAdversarialMetricLearning",
    "twoStreams",
    "simCLR",
    "vicReg",
]

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("schemes", nargs="+", choices=SCHEMES)
parser.add_argument("--data", required=True, help="folder with {train,test}.{images,labels}.bin")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()

torch.set_num_threads(options.threads)
faiss.omp_set_num_threads(options.threads)
logging.getLogger("PML").setLevel(logging.ERROR)

EMBEDDING_SIZE = 64
WIDTH = 8


def read(split):
    images = np.fromfile(f"{options.data}/{split}.images.bin", np.uint8).reshape(-1, 1, 28, 28)
    labels = np.fromfile(f"{options.data}/{split}.labels.bin", np.int32)
    return torch.from_numpy(images), torch.from_numpy(labels).long()


train_images, train_labels = read("train")
test_images, test_labels = read("test")
MEAN, STD = 0.15146950371985526, 0.31220616617253294
NUM_CLASSES = int(train_labels.max()) + 1


def prepared(images):
    return (images.float() / 255 - MEAN) / STD


def network():
    def block(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)
        )

    trunk = nn.Sequential(
        block(1, WIDTH),
        block(WIDTH, 2 * WIDTH),
        block(2 * WIDTH, 4 * WIDTH),
        block(4 * WIDTH, 4 * WIDTH),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
    return {"trunk": trunk, "embedder": nn.Linear(4 * WIDTH, EMBEDDING_SIZE)}


def metrics(models):
    trunk, embedder = models["trunk"].eval(), models["embedder"].eval()
    with torch.no_grad():
        embeddings = torch.cat([embedder(trunk(prepared(part))) for part in test_images.split(256)])
    calculator = AccuracyCalculator(device=torch.device("cpu"))
    found = calculator.get_accuracy(F.normalize(embeddings), test_labels)
    return {
        "precisionAt1": float(found["precision_at_1"]),
        "meanAveragePrecisionAtR": float(found["mean_average_precision_at_r"]),
        "AMI": float(found["AMI"]),
    }


class Drawings(torch.utils.data.Dataset):
    def __len__(self):
        return len(train_labels)

    def __getitem__(self, row):
        return prepared(train_images[row]), train_labels[row]


class WithPositives(Drawings):
    """A drawing, another one of its class, their class."""

    def __init__(self):
        self.rows_of = [torch.nonzero(train_labels == label).flatten() for label in range(NUM_CLASSES)]

    def __getitem__(self, row):
        others = self.rows_of[train_labels[row]]
        others = others[others != row]
        other = others[torch.randint(len(others), ())]
        return prepared(train_images[row]), prepared(train_images[other]), train_labels[row]


def batches(m, batch_size):
    """Batches of m drawings of each of some classes, as ours."""
    length = len(train_labels) // batch_size * batch_size
    return samplers.MPerClassSampler(train_labels.numpy(), m, batch_size, length_before_new_iter=length)


def train(trainer, models, loss_functions, epochs, dataset=None, m=4, batch_size=64, iterations=None, **more):
    trainer(
        models=models,
        optimizers={f"{name}_optimizer": torch.optim.Adam(model.parameters(), lr=1e-3) for name, model in models.items()},
        batch_size=batch_size,
        loss_funcs=loss_functions,
        dataset=dataset or Drawings(),
        sampler=batches(m, batch_size),
        iterations_per_epoch=iterations,
        dataloader_num_workers=0,
        data_device=torch.device("cpu"),
        **more,
    ).train(num_epochs=epochs)


def view(images):
    """Each moved by up to 4 pixels, and every other one mirrored."""
    padded = F.pad(prepared(images), (4, 4, 4, 4), value=-MEAN / STD)
    tops, lefts = torch.randint(9, (2, len(images)))
    moved = [one[:, top : top + 28, left : left + 28] for one, top, left in zip(padded, tops, lefts)]
    return torch.stack([one.flip(2) if torch.rand(()) < 0.5 else one for one in moved])


def train_views(models, loss_function, epochs):
    """Both views as one batch through trunk and embedder, as ours."""
    net = nn.Sequential(models["trunk"], models["embedder"]).train()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    sampler = batches(1, 64)
    for _ in range(epochs):
        for rows in torch.tensor(list(sampler)).split(64):
            images = train_images[rows]
            first, second = net(torch.cat([view(images), view(images)])).chunk(2)
            optimizer.zero_grad()
            loss_function(first, ref_emb=second).backward()
            optimizer.step()


def run(scheme):
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)
    models = network()
    result = {"scheme": scheme, "seed": options.seed, "untrained": metrics(models)}
    epochs = options.epochs
    if scheme == "metricLossOnly":
        train(trainers.MetricLossOnly, models, {"metric_loss": losses.ContrastiveLoss()}, epochs)
    elif scheme == "trainWithClassifier":
        with_classifier = {**models, "classifier": nn.Linear(EMBEDDING_SIZE, NUM_CLASSES)}
        both = {"metric_loss": losses.ContrastiveLoss(), "classifier_loss": nn.CrossEntropyLoss()}
        weights = {"metric_loss": 1, "classifier_loss": 0.5}
        train(trainers.TrainWithClassifier, with_classifier, both, epochs, loss_weights=weights)
    elif scheme == "cascadedEmbeddings":
        stages = {f"metric_loss_{i}": losses.ContrastiveLoss() for i in range(2)}
        mining = {"tuple_miner_0": miners.HDCMiner(filter_percentage=1), "tuple_miner_1": miners.HDCMiner(filter_percentage=0.5)}
        train(trainers.CascadedEmbeddings, models, stages, epochs, embedding_sizes=[32, 32], mining_funcs=mining)
    elif scheme == "deepAdversarialMetricLearning":
        features = 4 * WIDTH
        generator = nn.Sequential(nn.Linear(3 * features, 64), nn.ReLU(), nn.Linear(64, features))
        names = {
            "metric_loss": losses.ContrastiveLoss(),
            "synth_loss": losses.TripletMarginLoss(margin=0.1),
            "g_adv_loss": losses.TripletMarginLoss(margin=0.1),
        }
        weights = {"metric_loss": 1, "synth_loss": 0.1, "g_adv_loss": 1, "g_hard_loss": 0.1, "g_reg_loss": 0.1}
        phases = {"metric_alone_epochs": 1, "g_alone_epochs": 1, "g_triplets_per_anchor": 2}
        adversarial = trainers.DeepAdversarialMetricLearning
        train(adversarial, {**models, "generator": generator}, names, epochs + 1, loss_weights=weights, **phases)
    elif scheme == "twoStreams":
        two_streams = trainers.TwoStreamMetricLoss
        half = len(train_labels) // 64
        train(two_streams, models, {"metric_loss": losses.ContrastiveLoss()}, epochs, WithPositives(), 1, 32, half)
    elif scheme == "simCLR":
        train_views(models, losses.SelfSupervisedLoss(losses.NTXentLoss(temperature=0.2)), epochs)
    elif scheme == "vicReg":
        train_views(models, losses.VICRegLoss(), epochs)
    result["trained"] = metrics(models)
    print(json.dumps(result), flush=True)


for scheme in options.schemes:
    run(scheme)
