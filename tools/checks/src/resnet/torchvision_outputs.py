"""Random networks of torchvision with what they make of random images, as safetensors.

    python torchvision_outputs.py FOLDER

A state dict as torchvision names it, classifier included, and beside it `check.inputs`, [n, 3, height, width], and
`check.inference` and `check.training`, what goes into the classifier.
"""

import sys

import safetensors.torch
import torch
import torchvision

torch.manual_seed(0)
torch.set_num_threads(2)


def randomise(net):
    """Batch norms as after some training, and running statistics that fit the weights."""
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.weight.uniform_(0.5, 1.5)
            module.bias.uniform_(-0.5, 0.5)
    for _ in range(3):
        net.train()(torch.randn(4, 3, 64, 64))


with torch.no_grad():
    for name in ["resnet18", "resnet50"]:
        net = torchvision.models.get_model(name, weights=None)
        randomise(net)
        inputs = torch.randn(4, 3, 97, 64)
        tensors = {key: value.clone() for key, value in net.state_dict().items()}
        net.fc = torch.nn.Identity()
        tensors |= {"check.inputs": inputs, "check.inference": net.eval()(inputs), "check.training": net.train()(inputs)}
        safetensors.torch.save_file(tensors, f"{sys.argv[1]}/{name}.safetensors")
