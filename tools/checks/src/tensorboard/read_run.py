"""Reads a run that write-run.ts wrote, with TensorBoard's own readers, and compares it with expected.json.

Twice: the files through `event_accumulator`, and everything through the HTTP interface of a TensorBoard that serves
the folder, as its pages get it.
"""

import base64
import contextlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import numpy as np
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.util import tensor_util

FOLDER = sys.argv[1]
RUN = os.path.join(FOLDER, "run")
with open(os.path.join(FOLDER, "expected.json"), encoding="utf8") as file:
    EXPECTED = json.load(file)

checked = 0


def check(what, got, wanted):
    global checked
    checked += 1
    if got != wanted:
        sys.exit(f"{what}: wanted {wanted!r:.400}, got {got!r:.400}")


def number(value):
    """A float32 that can be compared: NaN equals NaN."""
    with np.errstate(over="ignore"):
        value = float(np.float32(value))
    return "NaN" if math.isnan(value) else value


def by_tag(entries):
    tags = {}
    for entry in entries:
        tags.setdefault(entry["tag"], []).append(entry)
    return sorted(tags.items())


def check_files():
    events = event_accumulator.EventAccumulator(RUN, size_guidance={"scalars": 0, "images": 0, "histograms": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    for kind in ("scalars", "images", "histograms"):
        check(f"tags of {kind}", sorted(tags[kind]), [tag for tag, _ in by_tag(EXPECTED[kind])])
    for tag, entries in by_tag(EXPECTED["scalars"]):
        got = [(e.step, number(e.value), e.wall_time) for e in events.Scalars(tag)]
        check(f"scalar {tag}", got, [(e["step"], number(e["value"]), e["wallTime"]) for e in entries])
        check(f"page of {tag}", events.SummaryMetadata(tag).plugin_data.plugin_name, "scalars")
    for tag, entries in by_tag(EXPECTED["images"]):
        got = [(e.step, e.width, e.height, base64.b64encode(e.encoded_image_string).decode()) for e in events.Images(tag)]
        check(f"image {tag}", got, [(e["step"], e["width"], e["height"], e["png"]) for e in entries])
    for tag, entries in by_tag(EXPECTED["histograms"]):
        for got, entry in zip(events.Histograms(tag), entries, strict=True):
            values = np.array(entry["values"])
            histogram = got.histogram_value
            counts, edges = np.histogram(values, bins=30)
            check(f"step of {tag}", got.step, entry["step"])
            check(f"counts of {tag}", list(histogram.bucket), counts.tolist())
            check(f"edges of {tag}", np.allclose(histogram.bucket_limit, edges[1:], rtol=1e-12), True)
            check(f"ends of {tag}", (histogram.min, histogram.max, histogram.num), (values.min(), values.max(), len(values)))
            check(f"sums of {tag}", np.allclose((histogram.sum, histogram.sum_squares), (values.sum(), (values**2).sum())), True)
    for tag, entries in by_tag(EXPECTED["texts"]):
        got = [(e.step, tensor_util.make_ndarray(e.tensor_proto).item().decode()) for e in events.Tensors(tag)]
        check(f"text {tag}", got, [(e["step"], e["text"]) for e in entries])


def check_session():
    """Hyperparameters, by the functions with which their page reads them."""
    events = event_accumulator.EventAccumulator(RUN)
    events.Reload()
    content = events.PluginTagToContent(hparams.PLUGIN_NAME)
    started = hparams.parse_session_start_info_plugin_data(content[hparams.SESSION_START_INFO_TAG])
    values = {name: getattr(value, value.WhichOneof("kind")) for name, value in started.hparams.items()}
    check("hyperparameters", values, EXPECTED["session"]["hparams"])
    check("start of the session", started.start_time_secs, EXPECTED["session"]["start"])
    ended = hparams.parse_session_end_info_plugin_data(content[hparams.SESSION_END_INFO_TAG])
    check("end of the session", (api_pb2.Status.Name(ended.status), ended.end_time_secs), ("STATUS_SUCCESS", EXPECTED["session"]["end"]))


def check_hparams_page(post):
    """What their page shows, as it gets it."""
    experiment = json.loads(post("plugin/hparams/experiment", {"experimentName": ""}))
    infos = [(info["name"], info["type"]) for info in experiment["hparamInfos"]]
    check("columns", sorted(infos), [("loss", "DATA_TYPE_STRING"), ("loss.margin", "DATA_TYPE_FLOAT64"), ("loss.swap", "DATA_TYPE_BOOL")])
    check("metrics", [info["name"]["tag"] for info in experiment["metricInfos"]], ["val/precisionAt1"])
    request = {"experimentName": "", "allowedStatuses": ["STATUS_SUCCESS"], "colParams": [{"hparam": "loss.margin"}, {"metric": {"tag": "val/precisionAt1", "group": ""}}], "startIndex": 0, "sliceSize": 10}
    groups = json.loads(post("plugin/hparams/session_groups", request))["sessionGroups"]
    check("groups", [(group["hparams"]["loss.margin"], group["sessions"][0]["name"]) for group in groups], [(0.05, "run")])


@contextlib.contextmanager
def tensorboard():
    """A TensorBoard that serves the folder; yields a function that gets a path from it."""
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", FOLDER, "--port", "0", "--host", "127.0.0.1"]
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            address = None
            for _ in range(600):
                log.seek(0)
                found = re.search(r"http://\S+/", log.read())
                if found:
                    address = found.group().rstrip("/")
                    break
                time.sleep(0.1)
            if not address:
                log.seek(0)
                sys.exit(f"TensorBoard did not start: {log.read()}")

            def fetch(url, data=None):
                request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
                with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
                    return response.read()

            def get(path, **query):
                return fetch(f"{address}/data/{path}?{urllib.parse.urlencode(query)}")

            def post(path, body):
                return fetch(f"{address}/data/{path}", json.dumps(body).encode())

            yield get, post
        finally:
            server.terminate()
            server.wait()


def check_pages(get):
    for _ in range(300):
        if json.loads(get("plugin/text/tags")).get("run"):
            break
        time.sleep(0.1)
    check("runs", sorted(json.loads(get("runs"))), ["experiment", "run"])
    for tag, entries in by_tag(EXPECTED["scalars"]):
        got = json.loads(get("plugin/scalars/scalars", run="run", tag=tag))
        wanted = [[e["wallTime"], e["step"], number(e["value"])] for e in entries]
        check(f"scalar {tag} on its page", [[at, step, number(value)] for at, step, value in got], wanted)
    for tag, entries in by_tag(EXPECTED["images"]):
        got = json.loads(get("plugin/images/images", run="run", tag=tag, sample=0))
        check(f"image {tag} on its page", [e["step"] for e in got], [e["step"] for e in entries])
        for image, entry in zip(got, entries):
            query = dict(urllib.parse.parse_qsl(image["query"]))
            check(f"PNG of {tag}", base64.b64encode(get("plugin/images/individualImage", **query)).decode(), entry["png"])
    for tag, entries in by_tag(EXPECTED["histograms"]):
        got = json.loads(get("plugin/histograms/histograms", run="run", tag=tag))
        counts = [(step, sum(count for _, _, count in buckets)) for _, step, buckets in got]
        check(f"histogram {tag} on its page", counts, [(e["step"], len(e["values"])) for e in entries])
    for tag, entries in by_tag(EXPECTED["texts"]):
        got = json.loads(get("plugin/text/text", run="run", tag=tag))
        check(f"text {tag} on its page", [e["step"] for e in got], [e["step"] for e in entries])
        check("Markdown is rendered", "<strong>bold</strong>" in got[0]["text"] and "<table>" in got[0]["text"], True)
    check_projector(get)


def check_projector(get):
    check("runs of the projector", json.loads(get("plugin/projector/runs")), ["run"])
    tables = json.loads(get("plugin/projector/info", run="run"))["embeddings"]
    check("tables", [(t["tensorName"], t["tensorShape"]) for t in tables], [(t["name"], t["shape"]) for t in EXPECTED["tables"]])
    for got, table in zip(tables, EXPECTED["tables"]):
        name = table["name"]
        of_table = {"run": "run", "name": name}
        tensor = get("plugin/projector/tensor", **of_table, num_rows=100000)
        check(f"tensors of {name}", base64.b64encode(tensor).decode(), table["embeddings"])
        if table["metadata"]:
            lines = get("plugin/projector/metadata", **of_table, num_rows=100000).decode().splitlines()
            columns = list(table["metadata"].items())
            if len(columns) > 1:
                check(f"header of {name}", lines.pop(0), "\t".join(column for column, _ in columns))
            rows = ["\t".join(map(str, row)) for row in zip(*(values for _, values in columns))]
            check(f"metadata of {name}", lines, rows)
        if table["sprite"]:
            check(f"tiles of {name}", got["sprite"]["singleImageDim"], table["sprite"]["dim"])
            sprite = get("plugin/projector/sprite_image", **of_table)
            check(f"sprite of {name}", base64.b64encode(sprite).decode(), table["sprite"]["png"])


check_files()
check_session()
with tensorboard() as (get_path, post_path):
    check_pages(get_path)
    check_hparams_page(post_path)
print(f"TensorBoard read back what was written: {checked} comparisons")
