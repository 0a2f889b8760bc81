"""Golden cases, computed anew by the PyTorch Metric Learning that is installed, each within its own tolerance.

    python replay.py

Losses, miners, distances, reducers and regularizers with one call: values, gradients, selections, and whether an error is raised. Not
replayed: what is drawn, sequences of calls, samplers, accuracy, wrappers, helpers. Fails where a number is another one.
"""

import collections
import importlib.metadata
import json
import pathlib
import sys
import warnings

import torch
from pytorch_metric_learning import distances, losses, miners, reducers, regularizers

FIXTURES = pathlib.Path(__file__).parents[3] / "golden/fixtures"
WITHOUT = {"BatchedDistance": "calls a function for each batch", "ManifoldLoss": "takes classes in place of tuples"}
warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def number(value):
    """JSON has no Infinity; texts that are names of something stay."""
    return float(value.replace("Infinity", "inf")) if value in ("NaN", "Infinity", "-Infinity") else value


def numbers(values):
    return [numbers(value) for value in values] if isinstance(values, list) else number(values)


def tensor(stored):
    return torch.tensor(numbers(stored["data"]), dtype=torch.float32).reshape(stored["shape"])


def construct(stored):
    """What arguments stand for: objects by class, constant tensors, lists and maps of them."""
    if isinstance(stored, list):
        return [construct(one) for one in stored]
    if not isinstance(stored, dict):
        return number(stored)
    if "tensor" in stored:
        return torch.tensor(numbers(stored["tensor"]), dtype=torch.float32)
    if "class" in stored:
        module = next(module for module in (losses, miners, distances, reducers, regularizers) if hasattr(module, stored["class"]))
        return getattr(module, stored["class"])(**construct(stored.get("args", {})))
    return {key: construct(one) for key, one in stored.items()}


def is_close(actual, wanted, tol, kind):
    """Whether all numbers are, shapes aside: a result of one number is stored as a number."""
    wanted = tensor(wanted) if isinstance(wanted, dict) else torch.tensor(numbers(wanted), dtype=torch.float32)
    actual = torch.as_tensor(actual, dtype=torch.float32).detach().reshape(-1)
    wanted = wanted.reshape(-1)
    return actual.shape == wanted.shape and torch.allclose(actual, wanted, rtol=tol["rtol"], atol=tol[kind], equal_nan=True)


def sum_of(result):
    """Of a reducer that reduces nothing: of all elements of all parts."""
    if not isinstance(result, dict):
        return result
    return sum(torch.as_tensor(part["losses"], dtype=torch.float32).sum() for part in result.values())


def differences(case, result, leaves, expected):
    """Names of what differs: value, parts, gradients by their paths."""
    tol = case["tol"]
    total = sum_of(result)
    if "value" in expected and not is_close(total, expected["value"], tol, "value_atol"):
        yield "value"
    parts = expected.get("losses", {})
    for name, part in ({next(iter(result)): {"losses": parts}} if "data" in parts else parts).items():
        if not is_close(result[name]["losses"], part["losses"], tol, "value_atol"):
            yield f"losses.{name}"
    grads = expected.get("grads")
    if not grads:
        return
    total.sum().backward()
    for path, leaf in leaves.items():
        stored = grads
        for key in path.split("."):
            stored = stored.get(key) if isinstance(stored, dict) else None
        if stored is not None and not is_close(leaf.grad, stored, {**tol, "grad_atol": tol.get("grad_atol", tol["value_atol"])}, "grad_atol"):
            yield f"gradient of {path}"


def replay_loss(case, of):
    inputs = case["inputs"]
    loss = construct({"class": case["class"], "args": case["args"]})
    leaves = {}
    for name, parameter in loss.named_parameters():
        if name in inputs.get("weights", {}):
            parameter.data = of(inputs["weights"][name])
            leaves[f"weights.{name}"] = parameter
    passed = {name: of(inputs[name]).requires_grad_() for name in ("embeddings", "ref_emb") if name in inputs}
    leaves |= passed
    passed |= {name: torch.tensor(inputs[name]) for name in ("labels", "ref_labels") if name in inputs}
    if "indices_tuple" in inputs:
        passed["indices_tuple"] = tuple(torch.tensor(one, dtype=torch.long) for one in inputs["indices_tuple"])
    result = loss(**passed)
    if "grad_error" in case["expected"]:
        return []
    return differences(case, result, leaves, case["expected"])


def replay_distance(case, of):
    distance = construct({"class": case["class"], "args": case["args"]})
    leaves = {name: of(case["inputs"][name]).requires_grad_() for name in ("query", "reference") if name in case["inputs"]}
    mat = distance(leaves["query"], leaves.get("reference"))
    if not is_close(mat, case["expected"]["mat"], case["tol"], "value_atol"):
        return ["mat"]
    weights = case["inputs"].get("mat_grad_weights")
    return differences(case, (mat * of(weights)).sum(), leaves, case["expected"]) if weights and "grads" in case["expected"] else []


def replay_miner(case, of):
    inputs = case["inputs"]
    miner = construct({"class": case["class"], "args": case["args"]})
    if "external_indices_tuple" in inputs:
        miner.set_idx_externally(tuple(torch.tensor(one) for one in inputs["external_indices_tuple"]), torch.tensor(inputs["labels"]))
    reference = (of(inputs["ref_emb"]), torch.tensor(inputs["ref_labels"])) if "ref_emb" in inputs else ()
    found = miner(of(inputs["embeddings"]), torch.tensor(inputs["labels"]), *reference)
    rows = lambda columns: sorted(zip(*(column.tolist() for column in columns)))
    lists = {"triplets": found} if len(found) == 3 else {"positive_pairs": found[:2], "negative_pairs": found[2:]}
    return [name for name, columns in lists.items() if rows(columns) != sorted(map(tuple, case["expected"][name]))]


def replay_reducer(case, of):
    inputs = case["inputs"]
    reducer = construct({"class": case["class"], "args": case["args"]})
    parts, leaves = {}, {}
    for name, part in inputs["loss_dict"].items():
        held = part["losses"]
        no_loss = held == 0  # as PyTorch Metric Learning has it: the number
        leaf = held if no_loss else (of(held) if isinstance(held, dict) else torch.tensor(held)).requires_grad_()
        indices = part["indices"]
        if part["reduction_type"] not in ("element", "already_reduced") and indices is not None:
            indices = tuple(torch.tensor(one) for one in indices)
        elif indices is not None:
            indices = torch.tensor(indices)
        parts[name] = {**{key: of(value) if isinstance(value, dict) else value for key, value in part.items()}, "losses": leaf, "indices": indices}
        if not no_loss:
            leaves[name] = leaf
    result = reducer(parts, of(inputs["embeddings"]), torch.tensor(inputs["labels"]))
    if "passed_through" in case["expected"]:
        return [] if sorted(result) == sorted(case["expected"]["passed_through"]) else ["passed_through"]
    return differences(case, result, leaves, case["expected"])


def replay_regularizer(case, of):
    regularizer = construct({"class": case["class"], "args": case["args"]})
    leaf = of(case["inputs"]["x"]).requires_grad_()
    return differences(case, regularizer(leaf), {"x": leaf}, case["expected"])


REPLAYS = {"losses": replay_loss, "distances": replay_distance, "miners": replay_miner, "reducers": replay_reducer, "regularizers": replay_regularizer}


def reason(case):
    """Why a case is not replayed."""
    if case["class"] in WITHOUT:
        return WITHOUT[case["class"]]
    if "steps" in case["inputs"]:
        return "a sequence of calls"
    return "what is drawn" if "stochastic" in case["tags"] else None


def main():
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "pytorch-metric-learning", "numpy")))
    failed = 0
    counts = {module: collections.Counter() for module in REPLAYS}
    for file in sorted(FIXTURES.glob("*.json")):
        stored = json.loads(file.read_text())
        if stored.get("module") not in REPLAYS:
            continue
        of = lambda one: tensor(stored["tensors"][one["$ref"]] if "$ref" in one else one)
        for case in stored["cases"]:
            if reason(case) is not None:
                counts[stored["module"]]["skipped"] += 1
                continue
            try:
                wrong = list(REPLAYS[stored["module"]](case, of))
                if "error" in case["expected"]:
                    wrong = [f"no {case['expected']['error']['type']}"]
            except Exception as error:  # an error is what some cases are about
                expected = case["expected"].get("error", {}).get("type")
                wrong = [] if type(error).__name__ == expected else [f"{type(error).__name__}: {error}"]
            counts[stored["module"]]["failed" if wrong else "passed"] += 1
            failed += bool(wrong)
            if wrong:
                print(f"{case['id']}: {', '.join(wrong)}")
    for module, count in counts.items():
        print(f"{module}: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(1 if failed or any(count["passed"] == 0 for count in counts.values()) else 0)


main()
