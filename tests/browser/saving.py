"""What a visitor saves from the stage, as files."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree

from PIL import Image
from stage import Stage

SVG = "{http://www.w3.org/2000/svg}"


def download(stage: Stage, press: str) -> tuple[str, bytes]:
    """The name and the contents of what the button of this name, in what has been opened, saves."""
    opened = stage.page.locator(":popover-open")
    with stage.page.expect_download() as coming:
        opened.get_by_role("button", name=press, exact=True).click()
    return coming.value.suggested_filename, coming.value.path().read_bytes()


def save_picture(stage: Stage, chart: str | None, kind: str, ground: str | None = None) -> tuple[str, bytes]:
    """A chart, or the whole stage, as SVG or PNG on a ground, or on the one that is offered first."""
    (stage.chart(chart).get_by_role("button", name="Save as picture") if chart else stage.button("Tools")).click()
    if ground:
        stage.page.locator(":popover-open").get_by_role("button", name=ground, exact=True).click()
    saved = download(stage, kind)
    stage.page.locator(":popover-open").wait_for(state="detached")
    return saved


def svg_of(stage: Stage, chart: str | None = None, ground: str | None = None) -> ElementTree.Element:
    _, contents = save_picture(stage, chart, "SVG", ground)
    return ElementTree.fromstring(contents)


def png_of(stage: Stage, chart: str | None = None, ground: str | None = None) -> Image.Image:
    _, contents = save_picture(stage, chart, "PNG", ground)
    return Image.open(BytesIO(contents)).convert("RGB")


def words_of(root: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
