"""What safetensors for Python makes of the files that mutants.ts wrote.

    python judge.py FOLDER

Writes verdicts.jsonl, a line each: the tensors by name, or why there are none; and reference.json, the same in short, of which
packages/models/fixtures has a copy, so that tests compare without Python.
"""

import hashlib
import importlib.metadata
import json
import struct
import sys

import safetensors

FOLDER = sys.argv[1]
with open(f"{FOLDER}/mutants.bin", "rb") as file:
    data = file.read()
with open(f"{FOLDER}/seed.json") as file:
    seed = json.load(file)

digest = hashlib.sha256()
accepted = []
place = 0
with open(f"{FOLDER}/verdicts.jsonl", "w") as verdicts:
    while place < len(data):
        (length,) = struct.unpack_from("<I", data, place)
        content = data[place + 4 : place + 4 + length]
        place += 4 + length
        digest.update(content)
        try:
            tensors = safetensors.deserialize(content)
            verdict = {"tensors": {name: [t["dtype"], t["shape"], bytes(t["data"]).hex()] for name, t in tensors}}
        except Exception as error:  # Whatever it raises, it does not take the file.
            verdict = {"refused": f"{type(error).__name__}: {error}"}
        accepted.append("tensors" in verdict)
        verdicts.write(json.dumps(verdict) + "\n")

reference = {
    "madeBy": f"safetensors {importlib.metadata.version('safetensors')} for Python, in npm run check:safetensors",
    **seed,
    "sha256": digest.hexdigest(),
    "taken": [i for i, is_taken in enumerate(accepted) if is_taken],
}
with open(f"{FOLDER}/reference.json", "w") as file:
    file.write(json.dumps(reference, separators=(",", ":")) + "\n")
print(f"safetensors for Python takes {sum(accepted)} of {len(accepted)} files")
