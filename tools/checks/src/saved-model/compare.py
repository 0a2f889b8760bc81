"""Loads exported models with TensorFlow and compares their embeddings: `compare.py FOLDER` reads FOLDER/cases.json."""
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import numpy as np
import tensorflow as tf

tolerance = 1e-5
folder = pathlib.Path(sys.argv[1])
failed = 0
for case in json.loads((folder / "cases.json").read_text()):
    model = tf.saved_model.load(str(folder / case["name"])).signatures["serving_default"]
    samples = tf.constant(np.array(case["samples"]).reshape(case["shape"]), dtype=case["dtype"])
    embeddings = model(samples=samples)["embeddings"].numpy()
    wanted = np.array(case["embeddings"], dtype=np.float32)
    same_shape = embeddings.shape == wanted.shape
    deviation = float(np.abs(embeddings - wanted).max() / np.abs(wanted).max()) if same_shape else float("inf")
    fits = deviation <= tolerance
    failed += not fits
    print(f"{'ok  ' if fits else 'FAIL'} {case['name']}: {list(embeddings.shape)}, largest deviation {deviation:.1e} of the largest value")
print(f"TensorFlow {tf.__version__}: {failed} failed")
sys.exit(failed > 0)
