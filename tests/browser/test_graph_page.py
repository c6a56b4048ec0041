"""The autograd graph with the stage to itself: everything in it is what PyTorch says, and it can be taken away."""

from __future__ import annotations

import re
import struct
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import torch
from playwright.sync_api import expect
from stage import Stage
from stillness import bounds

from core import Experiment, autograd_graph, make_dataset, train

EXPERIMENT = Experiment(epochs=60, learning_rate=0.05, seed=3)
QUERY = "epochs=60&learning_rate=0.05&seed=3"
SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"\u2212?\d[\d.]*(?:e\u2212?\d+)?")


def numbers_in(text: str) -> list[float]:
    return [float(found.replace("\u2212", "-")) for found in NUMBER.findall(text)]


def close(expected):
    """Equal as far as the digits that are shown."""
    return pytest.approx(expected, rel=1e-3, abs=2e-6)


@pytest.fixture(scope="module")
def graph_stage(visitors):
    stage = Stage(visitors.come(stay=True))
    stage.open_graph(QUERY)
    yield stage
    visitors.leave(stage.page)


@pytest.fixture
def graph(graph_stage):
    """The graph's page with a finished run, looking back from the loss: one page for them all."""
    graph_stage.page.mouse.move(0, 0)
    graph_stage.page.evaluate("document.activeElement.blur()")
    graph_stage.speed.select_option("1")
    graph_stage.page.evaluate("document.activeElement.blur()")
    graph_stage.rest()
    graph_stage.look("Require gradients", "b and w")
    graph_stage.look("Look back from", "loss")
    graph_stage.click("Fit")
    graph_stage.page.evaluate("document.activeElement.blur()")
    return graph_stage


@pytest.fixture(scope="module")
def records():
    return list(train(EXPERIMENT))


class Pass:
    """The forward and the backward pass of method `autograd`, written out once more."""

    def __init__(self, record, root: str = "loss", requires: str = "bw") -> None:
        dataset = make_dataset(EXPERIMENT)
        x, y = (torch.as_tensor(column.copy()).float() for column in (dataset.x_train, dataset.y_train))
        b, w = (
            torch.tensor([getattr(record, name)], dtype=torch.float32, requires_grad=name in requires) for name in "bw"
        )
        product = w * x
        yhat = b + product
        error = yhat - y
        square = error**2
        loss = square.mean()
        self.named = {"x": x, "y": y, "b": b, "w": w, "yhat": yhat, "error": error, "loss": loss}
        self.by_function = {"MulBackward0": product, "PowBackward0": square}
        for tensor in (product, yhat, error, square, loss):
            if tensor.requires_grad:
                tensor.retain_grad()
        self.error = ""
        end = self.named[root]
        try:
            end.backward()
        except RuntimeError as error:
            self.error = f"RuntimeError: {error}"
            if end.requires_grad:
                end.backward(torch.ones_like(end))

    def tensor(self, name: str, label: str):
        """The tensor that a box stands for."""
        return self.named.get(name, self.by_function.get(label))


def assert_boxes(stage, expected: Pass, names: str) -> None:
    """Every box has the value and the gradient that PyTorch has."""
    boxes = stage.boxes()
    assert sorted(name for name in boxes if not name.startswith("op")) == sorted(names.split())
    for name, box in boxes.items():
        tensor = expected.tensor(name, box["label"])
        assert numbers_in(box["value"])[0] == close(tensor.reshape(-1)[0].item()), name
        if tensor.grad is None:
            assert box["gradient"] == "grad None", name
        else:
            assert numbers_in(box["gradient"])[0] == close(tensor.grad.reshape(-1)[0].item()), name
        assert bool(box["kept"]) == (tensor.requires_grad or name in "xy"), name
        if name in expected.named:
            assert box["shape"] == (str(tuple(tensor.shape)).replace(",)", ")") if tensor.shape else "scalar"), name
        assert box["function"] == UNDER_THE_NAME.get(name, ""), name


UNDER_THE_NAME = {
    **dict.fromkeys("bw", "AccumulateGrad"),
    "yhat": "AddBackward0",
    "error": "SubBackward0",
    "loss": "MeanBackward0",
}
"""The function that shares the box."""


def edges_by_label(stage, root: str = "loss") -> dict[tuple[str, str], tuple[str, str]]:
    """The derivatives on the edges, by what the functions at their ends are called."""
    labels = {node.name: node.label for node in autograd_graph(EXPERIMENT, root=root).nodes}
    found = {}
    for edge, derivative in stage.edges().items():
        source, function = (labels[name] for name in edge.split(">"))
        found[source, function] = derivative
    return found


# --- the way there and back -------------------------------------------------------------------------------


def test_graph_fills_the_lab_and_shrinks_again(lab):
    stage = lab(QUERY)
    stage.rest()
    stage.seek(7)
    small = len(stage.boxes())
    stage.click("Enlarge graph")
    stage.wait_graph()
    assert stage.charts_shown == []
    assert len(stage.boxes()) == small
    assert numbers_in(stage.boxes()["loss"]["value"])[0] == close(stage.values[2])
    stage.look("Look back from", "yhat")
    stage.click("Shrink graph")
    assert stage.charts_shown == ["data", "surface", "loss", "parameters"]
    assert stage.graph.locator("input[type=radio]:visible").count() == 0
    assert len(stage.boxes()) == small
    assert stage.place == (7, "")


def test_link_in_the_sidebar_takes_the_experiment_and_the_playhead_along_and_back(lab, records):
    stage = lab(QUERY)
    stage.rest()
    stage.seek(23)
    stage.way("Graph").click()
    stage.page.wait_for_url("**/graph?**")
    stage.wait_graph()
    stage.wait_for("stage.dataset.state === 'paused' && stage.dataset.epoch === '23'")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(stage.page.url).query).items()}
    assert asked == EXPERIMENT.to_query()
    assert stage.values == records[23][1:4]
    assert stage.button("Enlarge graph").count() == stage.button("Shrink graph").count() == 0
    stage.seek(31)
    stage.way("Lab").click()
    stage.wait_until_drawn()
    stage.wait_epoch(31)
    asked = {name: value for name, (value,) in parse_qs(urlsplit(stage.page.url).query).items()}
    assert (asked, urlsplit(stage.page.url).path) == (EXPERIMENT.to_query(), "/")
    assert stage.charts_shown == ["data", "surface", "loss", "parameters"]
    assert stage.values == records[31][1:4]


def test_numpy_says_why_there_is_no_graph(visitors):
    stage = Stage(visitors.come())
    stage.page.goto("/graph?epochs=20&method=numpy")
    stage.wait_for("stage.dataset.trained > 0")
    assert stage.graph.inner_text().strip().startswith("Method 'numpy' has no autograd graph: its gradients are")
    assert stage.svg.count() == 0
    stage.click("Next beat")
    assert stage.beat == "forward"


# --- what stands in it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("epoch", [0, 17])
def test_boxes_edges_chains_and_table_are_pytorchs_own(graph, records, epoch):
    graph.seek(epoch)
    graph.look("Look back from", "loss")
    now = Pass(records[epoch])
    assert_boxes(graph, now, "b w x y yhat error loss")
    points = len(now.named["x"])
    x, w, error = (now.named[name].reshape(-1)[0].item() for name in ("x", "w", "error"))
    expected = {
        ("AccumulateGrad", "MulBackward0"): ("× x", x),
        ("x", "MulBackward0"): ("× w", w),
        ("AccumulateGrad", "AddBackward0"): ("× 1", 1),
        ("MulBackward0", "AddBackward0"): ("× 1", 1),
        ("yhat", "SubBackward0"): ("× 1", 1),
        ("y", "SubBackward0"): ("× −1", -1),
        ("error", "PowBackward0"): ("× 2 · error", 2 * error),
        ("PowBackward0", "MeanBackward0"): ("× 1 / N", 1 / points),
    }
    edges = edges_by_label(graph)
    assert set(edges) == set(expected)
    for edge, (letters, value) in expected.items():
        assert edges[edge][0] == letters
        assert numbers_in(edges[edge][1]) == close([value]), edge
    chains = {
        name: graph.graph.locator(".chain").nth(i).locator("span").all_text_contents() for i, name in enumerate("bw")
    }
    for name, factors in (("b", [1 / points, 2 * error, 1, 1]), ("w", [1 / points, 2 * error, 1, 1, x])):
        letters, first, total = chains[name]
        assert letters.startswith(f"∂loss/∂{name}: (1 / N) × (2 · error) × 1 × 1")
        assert letters.endswith(" × x") == (name == "w")
        *multiplied, product = numbers_in(first.removeprefix("point 1: "))
        assert multiplied == close(factors)
        assert product == close(torch.tensor(factors).prod().item())
        gradient = now.named[name].grad.item()
        assert numbers_in(total) == close([points, gradient, gradient])
    table = graph.tensors()
    assert list(table) == ["x", "y", "b", "w", "yhat", "error", "loss"]
    for name, cells in table.items():
        tensor = now.named[name]
        assert cells == {
            "requires_grad": str(tensor.requires_grad),
            "is_leaf": str(tensor.is_leaf),
            "grad_fn": tensor.grad_fn.name() if tensor.grad_fn else "None",
            "device": str(tensor.device),
            "dtype": str(tensor.dtype),
            "shape": str(tuple(tensor.shape)),
        }


@pytest.mark.parametrize(("root", "names"), [("yhat", "b w x yhat"), ("error", "b w x y yhat error")])
def test_looking_back_from_many_numbers_shows_pytorchs_refusal_and_the_gradients_of_ones(graph, records, root, names):
    graph.seek(17)
    graph.look("Look back from", root)
    now = Pass(records[17], root)
    assert "scalar" in now.error
    assert f"backward() says: {now.error}" in graph.note
    assert f"{root}.backward(torch.ones_like({root}))" in graph.note
    assert_boxes(graph, now, names)
    assert numbers_in(graph.graph.locator(".chain").last.inner_text())[-1] == close(now.named["w"].grad.item())
    assert graph.svg.get_attribute("aria-label").startswith(f"Autograd graph of {root}: {root} (")


@pytest.mark.parametrize("requires", ["b", "w"])
def test_gradient_goes_only_where_it_is_required(graph, records, requires):
    graph.seek(17)
    graph.look("Require gradients", f"{requires} only")
    now = Pass(records[17], requires=requires)
    assert_boxes(graph, now, "b w x y yhat error loss")
    assert graph.graph.locator(".chain").count() == 1
    assert f"∂loss/∂{requires}" in graph.graph.locator(".chain").inner_text()
    table = graph.tensors()
    assert {name: table[name]["requires_grad"] for name in "bw"} == {name: str(name == requires) for name in "bw"}


def test_without_required_gradients_pytorchs_own_error_stands_there(graph, records):
    graph.seek(17)
    graph.look("Require gradients", "none")
    now = Pass(records[17], requires="")
    assert "does not require grad" in now.error
    assert f"backward() says: {now.error}" in graph.note
    assert "There is no graph" in graph.note
    assert_boxes(graph, now, "b w x y yhat error loss")
    assert graph.graph.locator(".chain").count() == 0
    assert {cells["grad_fn"] for cells in graph.tensors().values()} == {"None"}


def test_boxes_stay_in_their_places_while_their_numbers_change(graph):
    graph.seek(3)
    graph.wait_graph()
    early = graph.boxes()
    graph.seek(40)
    graph.frames(2)
    late = graph.boxes()
    assert {name: box["place"] for name, box in early.items()} == {name: box["place"] for name, box in late.items()}
    assert len({box["place"] for box in early.values()}) == len(early)
    for name in ("b", "w", "loss"):
        assert early[name]["value"] != late[name]["value"]


def test_changing_loss_has_another_graph_late_than_early(graph, records):
    graph.look("Look back from", "changing loss")
    said, places = {}, {}
    for epoch in (0, 60):
        graph.seek(epoch)
        graph.look("Look back from", "changing loss")
        boxes, note = graph.boxes(), graph.note
        places[epoch] = {name: box["place"] for name, box in boxes.items()}
        verdict, size, limit = re.search(r"loss > limit is (\w+): (\S+) > (\S+)", note).groups()
        mean = Pass(records[epoch]).named["loss"].item()
        assert float(size) == close(mean)
        assert verdict == str(mean > float(limit))
        said[verdict] = boxes["loss"]
        assert numbers_in(boxes["loss"]["value"])[0] == close(mean**0.5 if verdict == "True" else mean)
        assert "if loss > limit:" in graph.graph.locator("pre").inner_text()
    assert {verdict: box["function"] for verdict, box in said.items()} == {
        "True": "SqrtBackward0",
        "False": "MeanBackward0",
    }
    assert places[0] != places[60]


def test_pointing_at_a_box_tells_its_shape_its_values_and_what_it_saved(graph, records):
    graph.seek(17)
    graph.wait_graph()
    usual = graph.note
    assert "Point at a box" in usual
    assert "Saved for the way back:" in usual
    now = Pass(records[17])
    name = next(name for name, box in graph.boxes().items() if box["label"] == "PowBackward0")
    graph.svg.locator(f"[data-node={name}]").hover()
    graph.page.wait_for_function("usual => document.querySelector('.note').innerText !== usual", arg=usual)
    lines = graph.note.splitlines()
    assert lines[0] == "PowBackward0"
    error = now.named["error"].reshape(-1)[:3]
    for start, tensor in (("result ", error**2), ("saved self: ", error), ("gradient ", torch.full((3,), 1 / 80))):
        line = next(line for line in lines if line.startswith(start))
        assert line.startswith(f"{start}(80, 1)")
        assert numbers_in(line)[2:] == close(tensor.tolist())
    assert "saved exponent: 2" in lines
    graph.page.mouse.move(0, 0)
    graph.page.wait_for_function("usual => document.querySelector('.note').innerText === usual", arg=usual)
    graph.svg.locator("[data-node=w]").focus()
    lines = graph.note.splitlines()
    before, after = (next(line for line in lines if f"{when} backward()" in line) for when in ("before", "after"))
    assert numbers_in(before.partition(":")[2]) == [1, 0]
    assert numbers_in(after.partition(":")[2])[1:] == close([now.named["w"].grad.item()])


def written(value: float, digits: int = 5) -> str:
    """A number from 0.0001 to 1000 as a reader expects it."""
    return f"{value:#.{digits}g}".replace("-", "\u2212")


def test_boxes_and_edges_read_as_one_would_write_them(graph, records):
    graph.seek(17)
    graph.wait_graph()
    now = Pass(records[17])
    boxes, edges = graph.boxes(), edges_by_label(graph)
    for name in ("b", "w", "loss"):
        assert boxes[name]["value"] == written(now.named[name].item())
    assert boxes["w"]["gradient"] == f"grad {written(now.named['w'].grad.item())}"
    first = {name: now.named[name].reshape(-1)[0].item() for name in ("x", "error", "w")}
    assert boxes["error"]["value"] == f"{written(first['error'], 4)}, …"
    assert edges["error", "PowBackward0"] == ("× 2 · error", f"{written(2 * first['error'], 4)}, …")
    assert edges["x", "MulBackward0"] == ("× w", written(first["w"], 4))
    assert edges["y", "SubBackward0"] == ("× −1", "−1")
    graph.svg.locator("[data-node=error]").hover()
    graph.page.wait_for_function("document.querySelector('.note').innerText.includes('made by SubBackward0')")
    error = now.named["error"]
    few = [", ".join(written(value, 4) for value in tensor[:3, 0].tolist()) for tensor in (error, error.grad)]
    assert graph.note.splitlines() == [
        "error, made by SubBackward0",
        f"error (80, 1)  [{few[0]}, …]",
        "gradient before backward(): None",
        f"gradient after backward(): (80, 1)  [{few[1]}, …]",
        "nothing saved",
    ]


def test_graph_follows_the_playhead_while_it_plays(graph, records):
    graph.speed.select_option("2")
    # Pressed here: by the time that an answer is back, the first epochs may have passed.
    seen = graph.element.evaluate(
        """stage => new Promise(resolve => {
            stage.querySelector("[aria-label=Replay]").click();
            const seen = [];
            const look = () => {
                const value = name => stage.querySelector(`[data-node=${name}] .value`).textContent;
                const texts = ["b", "w", "loss"].map(value);
                if (seen.at(-1)?.[0] !== stage.dataset.epoch) seen.push([stage.dataset.epoch, texts]);
                if (stage.dataset.epoch >= 6) resolve(seen);
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )
    assert len(seen) > 3
    for epoch, texts in seen:
        assert [numbers_in(text)[0] for text in texts] == close(list(records[int(epoch)][1:4])), epoch


# --- looking closer ---------------------------------------------------------------------------------------


def view(stage) -> list[float]:
    return [float(part) for part in stage.svg.get_attribute("viewBox").split()]


def test_buttons_zoom_and_fit_shows_all_again(graph):
    x, y, width, height = home = view(graph)
    graph.click("Zoom in")
    nearer = view(graph)
    assert nearer[2:] == pytest.approx([width / 1.25, height / 1.25])
    assert [nearer[0] + nearer[2] / 2, nearer[1] + nearer[3] / 2] == pytest.approx([x + width / 2, y + height / 2])
    graph.click("Zoom out")
    assert view(graph) == pytest.approx(home)
    graph.click("Zoom out")
    assert view(graph)[2] > width
    graph.click("Fit")
    assert view(graph) == home


def test_dragging_moves_the_graph_with_the_mouse(graph):
    home = view(graph)
    node = graph.svg.locator("[data-node=w]")
    before = bounds(node)
    area = bounds(graph.graph.locator(".drawing"))
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    mouse = graph.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 60, y + 25, steps=3)
    mouse.up()
    after = bounds(node)
    assert [after["x"] - before["x"], after["y"] - before["y"]] == pytest.approx([60, 25], abs=1)
    assert view(graph)[2:] == home[2:]
    mouse.move(x + 90, y + 60)
    graph.frames(2)
    assert bounds(node) == after
    graph.click("Fit")
    assert view(graph) == home


# --- taking it away ---------------------------------------------------------------------------------------


def download(stage, what: str) -> tuple[str, bytes]:
    with stage.page.expect_download() as coming:
        stage.click(f"Download {what}")
    return coming.value.suggested_filename, coming.value.path().read_bytes()


def test_graph_is_downloaded_as_svg_as_png_and_as_dot(graph, records):
    graph.seek(17)
    graph.wait_graph()
    name, content = download(graph, "SVG")
    assert name == "autograd.svg"
    root = ElementTree.fromstring(content)
    assert root.tag == f"{SVG}svg"
    texts = {element.text for element in root.iter(f"{SVG}text")}
    boxes = graph.boxes()
    assert {box["label"] for box in boxes.values()} | {box["value"] for box in boxes.values()} <= texts
    assert "× 2 · error" in texts
    width, height = float(root.get("width")), float(root.get("height"))

    name, content = download(graph, "PNG")
    assert name == "autograd.png"
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (int(2 * width), int(2 * height))
    assert len(content) > 20_000

    name, content = download(graph, "DOT")
    text = content.decode()
    assert name == "autograd.dot"
    assert text.startswith("digraph")
    for node in ("b", "w", "x", "y", "yhat", "error", "loss"):
        assert re.search(rf"^\t{node} \[label=", text, re.MULTILINE), node
    assert "MeanBackward0" in text


def test_graph_says_where_its_picture_fails(graph, visitors):
    visitors.forgiven = re.compile("createObjectURL")
    said = graph.graph.locator(".tools").get_by_role("status")
    expect(said).to_be_hidden()
    graph.page.evaluate(
        """() => {
            const draw = HTMLCanvasElement.prototype.toBlob;
            HTMLCanvasElement.prototype.toBlob = done => {
                HTMLCanvasElement.prototype.toBlob = draw;
                done(null);  // as where a picture is too large
            };
        }"""
    )
    graph.click("Download PNG")
    expect(said).to_have_text("This browser could not make the picture. Try the other kind of file.")
    download(graph, "SVG")
    expect(said).to_be_hidden()


def test_graph_is_said_in_words_for_those_who_cannot_see_it(graph):
    words = graph.svg.get_attribute("aria-label")
    assert graph.page.get_by_role(graph.svg.get_attribute("role"), name=words, exact=True).count() == 1
    for part in (
        "Autograd graph of loss: loss (MeanBackward0) from PowBackward0",
        "error (SubBackward0) from yhat and y",
        "yhat (AddBackward0) from b and MulBackward0",
        "MulBackward0 from w and x",
    ):
        assert part in words
