"""Lists the classes of PyTorch Metric Learning that are public, each with the arguments of its constructor, as JSON."""

import importlib
import inspect
import json

import pytorch_metric_learning

MODULES = [
    "distances", "losses", "miners", "reducers", "regularizers", "samplers", "testers", "trainers", "datasets",
    "utils.accuracy_calculator", "utils.inference", "utils.distributed", "utils.logging_presets",
]


def arguments(cls):
    """Names that `cls(...)` takes, those that bases are handed through `**kwargs` included."""
    names = []
    for base in cls.__mro__:
        if "__init__" in vars(base) and base.__module__.startswith("pytorch_metric_learning"):
            for name, parameter in inspect.signature(base.__init__).parameters.items():
                if name != "self" and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) and name not in names:
                    names.append(name)
    return names


classes, seen = {}, set()
for name in MODULES:
    module = importlib.import_module(f"pytorch_metric_learning.{name}")
    found = {
        key: arguments(value)
        for key, value in sorted(vars(module).items())
        if inspect.isclass(value) and value.__module__.startswith("pytorch_metric_learning") and value not in seen and not key.startswith("_")
    }
    seen.update(value for value in vars(module).values() if inspect.isclass(value))
    classes[name] = found
print(json.dumps({"version": pytorch_metric_learning.__version__, "classes": classes}))
