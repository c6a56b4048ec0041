"""The canvas that writes SVG: what is painted on it looks as it does on a canvas."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

DRAW = """async painting => {
    const at = "/app/static/stage/";
    const [{SvgContext}, {raster}, {emptyPicture}, brush] = await Promise.all(
        ["takeaway/svg_context", "takeaway/raster", "shared/svg", "charts/brush"].map(one => import(`${at}${one}.js`)));
    const paint = new Function("context", "brush", painting);
    const canvas = Object.assign(document.createElement("canvas"), {width: 200, height: 120});
    const context = canvas.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, 200, 120);
    paint(context, brush);
    const svg = emptyPicture([0, 0, 200, 120], "#ffffff");
    paint(new SvgContext(svg), brush);
    const drawn = await raster(svg, 1);
    const text = new XMLSerializer().serializeToString(svg);
    return [canvas, drawn].map(one => one.toDataURL().split(",")[1]).concat(text);
}"""

PAINTINGS = {
    "line with a gap": """const points = [5, 5, 60, 90, NaN, NaN, 100, 20, 190, 100];
        brush.drawLine(context, points, {color: '#d1125f', width: 3});""",
    "dashes": "brush.drawLine(context, [5, 60, 190, 50], {color: '#1a5fb4', width: 4, dash: 'dash', opacity: 0.5});",
    "after dashes": """brush.drawLine(context, [5, 60, 190, 50], {color: '#1a5fb4', width: 4, dash: 'dot'});
        brush.drawLine(context, [5, 90, 190, 80], {color: '#1a5fb4', width: 4});""",
    "discs with a rim": """brush.drawDots(context, [30, 30, 90, 60, NaN, NaN, 150, 90],
        {color: '#6d28d9', radius: 9, rim: {color: '#10141c', width: 3}, opacity: [1, 0.5, 1, 0.3]});""",
    "marks": """for (const [x, symbol] of [[30, 'star'], [90, 'diamond-open'], [150, 'circle']])
        brush.drawMarks(context, [x, 60], {symbol, color: '#0b7268', size: 30, line: {width: 2}, opacity: 0.8});""",
    "arrowheads": """for (let i = 0; i < 8; i += 1) {
        const [dx, dy] = [Math.cos(i * 0.8), Math.sin(i * 0.8)];
        brush.drawArrowhead(context, [100 + 10 * dx, 60 + 10 * dy, 100 + 50 * dx, 60 + 50 * dy], '#0b7268', 20);
    }""",
    "a band": "brush.fillBetween(context, [10, 20, 100, 40, 190, 10], [10, 90, 100, 60, 190, 110], '#d1125f', 0.4);",
    "rectangles": """context.fillStyle = 'rgba(26, 95, 180, 0.5)';
        context.strokeStyle = '#b84300'; context.lineWidth = 3;
        context.fillRect(20, 20, 100, 50); context.strokeRect(60.5, 40.5, 100, 60);""",
    "places that are no numbers": """context.beginPath(); context.moveTo(10, 10); context.lineTo(NaN, 50);
        context.lineTo(150, 100); context.lineWidth = 4; context.strokeStyle = '#1c2430'; context.stroke();
        context.beginPath(); context.arc(NaN, 10, 5, 0, 7); context.fill();""",
    "turned and put back": """context.fillStyle = '#1c2430'; context.save();
        context.translate(100, 60); context.rotate(0.6);
        context.fillStyle = '#b84300'; context.fillRect(-30, -10, 60, 20);
        context.translate(40, 0); context.fillRect(0, 0, 20, 20); context.restore();
        context.fillRect(0, 0, 20, 20);""",
    "words": """brush.setFont(context, {height: 160, family: 'sans-serif'}); context.fillStyle = '#1c2430';
        for (const [i, align] of ['left', 'center', 'right'].entries()) {
            context.textAlign = align; context.textBaseline = ['middle', 'alphabetic', 'middle'][i];
            context.fillText('loss <b> & "w"', 100, 25 + 35 * i);
        }""",
    "words on a halo": """context.fillStyle = '#d1125f'; context.fillRect(0, 0, 200, 120);
        brush.setFont(context, {height: 160, family: 'sans-serif'}); context.textBaseline = 'middle';
        context.lineJoin = 'round'; context.lineWidth = 6;
        context.strokeStyle = '#ffffff'; context.fillStyle = '#1c2430';
        context.strokeText('lr 0.5', 60, 60); context.fillText('lr 0.5', 60, 60);""",
}


@pytest.mark.parametrize("name", PAINTINGS)
def test_painting_looks_the_same_as_on_a_canvas(blank_page, name):
    *pictures, text = blank_page.evaluate(DRAW, PAINTINGS[name])
    painted, drawn = (np.asarray(Image.open(BytesIO(b64decode(one))).convert("RGB"), float) for one in pictures)
    assert painted.std() > 3
    # But for the edges, which two ways to draw soften a little differently.
    assert np.abs(painted - drawn).mean() < 0.7
    assert (np.abs(painted - drawn).max(axis=2) > 100).mean() < 0.002
    assert not re.search("NaN|Infinity|undefined|rgba", text)


def test_what_is_cleared_is_gone(blank_page):
    painting = "context.fillRect(0, 0, 50, 50); context.clearRect(0, 0, 200, 120); context.fillRect(60, 60, 9, 9);"
    *_, text = blank_page.evaluate(DRAW, painting)
    assert re.findall(r'<path d="([^"]+)"', text) == ["M60 60L69 60L69 69L60 69Z"]
