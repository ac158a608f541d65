# ruff: noqa: E501  outlines are long
"""Barro Azul: stoneware on a pale table."""

from catalog.demo.draw.canvas import Canvas, ellipse, path

_WALL = ("#e9e2d6", "#cdbfab")
_TABLE = ("#d9c4a2", "#b08a5c")


def _scene(seed: int) -> Canvas:
    c = Canvas()
    c.room(wall=_WALL, table=_TABLE, horizon=0.60, seed=seed)
    return c


def _vessel(c: Canvas, outline: str, *, glaze: tuple[str, str, str], speck: str, amount: float, seed: int) -> None:
    """A thrown body: glaze that pools towards the foot, specks, faint throwing rings, round light."""
    c.add(path(outline, fill=c.linear([(0, glaze[0]), (0.6, glaze[1]), (1, glaze[2])], x2=0, y2=1)))
    shape = path(outline)
    c.texture(shape, "0.004 0.09", strength=0.30, seed=seed)
    c.speckle(shape, colour=speck, amount=amount, seed=seed)
    c.add(path(outline, fill=c.round_shading()))


def _rim(c: Canvas, cx: float, cy: float, rx: float, ry: float, *, lip: str, inside: tuple[str, str]) -> None:
    """The opening: a lip that catches the light, and the inside with the wall's own shadow."""
    inner = c.linear([(0, inside[1]), (0.55, inside[0]), (1, inside[0])], x2=0.9, y2=0.5)
    c.add(
        ellipse(cx, cy, rx, ry, fill=lip),
        ellipse(cx, cy + ry * 0.06, rx * 0.955, ry * 0.90, fill=inner),
        ellipse(cx, cy, rx * 0.985, ry * 0.97, fill="none", stroke="#fff8ea", stroke_opacity=0.75, stroke_width=3),
    )


def bowl_on(c: Canvas) -> None:
    c.shadow(440, 862, 210, 40)
    c.add(path("M352 812 L366 872 Q440 892 514 872 L528 812z", fill="#b98d63"))
    c.add(path("M352 812 L366 872 Q440 892 514 872 L528 812z", fill=c.round_shading()))
    outline = "M140 560 C150 720 260 842 440 842 C620 842 730 720 740 560z"
    _vessel(c, outline, glaze=("#5d87a8", "#3f6a91", "#2a4a6e"), speck="#14283f", amount=0.05, seed=4)
    c.add(path("M330 838 Q440 862 550 838 Q500 850 440 850 Q380 850 330 838z", fill="#e9ddc8", opacity=0.5))
    _rim(c, 440, 560, 300, 74, lip="#8a6a4a", inside=("#86acc6", "#2f5678"))
    c.speckle(ellipse(440, 566, 284, 66), colour="#1b3350", amount=0.0, seed=8)
    c.add(ellipse(400, 596, 150, 26, fill="#dcecf4", opacity=0.35, filter=c.blur(14)))
    c.add(
        path(
            "M212 640 C222 706 262 764 316 796",
            fill="none",
            stroke="#fff",
            stroke_width=12,
            stroke_linecap="round",
            opacity=0.38,
            filter=c.blur(5),
        )
    )


def bowl() -> Canvas:
    c = _scene(2)
    bowl_on(c)
    c.finish()
    return c


def espresso_cups_on(c: Canvas) -> None:
    for x, y, scale, glaze, inside in (
        (560, 720, 0.94, ("#f2eadb", "#e4d6bf", "#c9b697"), ("#5a3a22", "#2c1a0e")),
        (300, 830, 1.12, ("#7d9a8d", "#5f7f73", "#435f56"), ("#efe6d6", "#a8977d")),
    ):
        w, h = 130 * scale, 210 * scale
        c.shadow(x, y, w * 0.85, 28 * scale)
        c.add(
            f'<g fill="none" stroke-linecap="round"><path d="M{x + w * 0.86} {y - h * 0.80} c{w * 0.85} -8 {w * 0.80} {h * 0.55} {-w * 0.02} {h * 0.50}" stroke="{glaze[2]}" stroke-width="{30 * scale}"/><path d="M{x + w * 0.90} {y - h * 0.815} c{w * 0.78} -8 {w * 0.72} {h * 0.52} {-w * 0.04} {h * 0.50}" stroke="{glaze[0]}" stroke-width="{12 * scale}" opacity=".8"/></g>'
        )
        outline = f"M{x - w} {y - h} C{x - w} {y - h * 0.45} {x - w * 0.86} {y - 18} {x - w * 0.62} {y} Q{x} {y + 30 * scale} {x + w * 0.62} {y} C{x + w * 0.86} {y - 18} {x + w} {y - h * 0.45} {x + w} {y - h}z"
        _vessel(c, outline, glaze=glaze, speck="#4b3523", amount=0.05, seed=int(x))
        raw = f"M{x - w * 0.80} {y - 34 * scale} Q{x} {y + 6 * scale} {x + w * 0.80} {y - 34 * scale} L{x + w * 0.62} {y} Q{x} {y + 30 * scale} {x - w * 0.62} {y}z"
        c.add(path(raw, fill="#b3875c"), path(raw, fill=c.round_shading()))
        _rim(c, x, y - h, w, w * 0.30, lip=glaze[0], inside=inside)


def espresso_cups() -> Canvas:
    c = _scene(5)
    espresso_cups_on(c)
    c.finish()
    return c


def jug_on(c: Canvas) -> None:
    c.shadow(420, 938, 168, 34)
    c.add(
        '<g fill="none" stroke-linecap="round"><path d="M566 420 C722 400 722 664 588 720" stroke="#b5a68e" '
        'stroke-width="46"/><path d="M568 408 C712 392 708 644 592 702" stroke="#f3ead9" stroke-width="16" '
        'opacity=".85"/></g>'
    )
    outline = (
        "M318 300 C300 420 226 520 226 690 C226 810 262 880 300 930 Q420 962 540 930 C578 880 614 810 614 690 "
        "C614 520 540 420 548 300z"
    )
    _vessel(c, outline, glaze=("#f6efe1", "#eadfcb", "#d3c2a6"), speck="#6b4a2e", amount=0.1, seed=13)
    base = "M262 862 C274 888 286 910 300 930 Q420 962 540 930 C554 910 566 888 578 862 Q420 906 262 862z"
    c.add(path(base, fill="#a97b52"), path(base, fill=c.round_shading()))
    _rim(c, 433, 300, 115, 34, lip="#efe5d3", inside=("#cdbb9c", "#7d6a4e"))


def jug() -> Canvas:
    c = _scene(9)
    jug_on(c)
    c.finish()
    return c


def plates_on(c: Canvas) -> None:
    c.shadow(440, 884, 240, 50, reach=0.7)
    for index in range(4):
        y = 820 - index * 46
        side = f"M100 {y} C120 {y + 52} 250 {y + 92} 330 {y + 98} L550 {y + 98} C630 {y + 92} 760 {y + 52} 780 {y}z"
        c.add(path(side, fill=c.linear([(0, "#5f8bae"), (1, "#2c4d70")], x2=0, y2=1)))
        c.speckle(path(side), colour="#16283d", amount=0.05, seed=index + 2)
        c.add(path(side, fill=c.round_shading()))
        c.add(ellipse(440, y, 340, 84, fill="#1b2f47"))
        c.add(ellipse(440, y - 3, 340, 84, fill="#b28a60"))
        c.add(ellipse(440, y - 4, 334, 81, fill="#4a779c"))
    y = 820 - 3 * 46 - 4
    c.add(ellipse(440, y, 334, 81, fill=c.linear([(0, "#47739a"), (0.45, "#8fb4cf"), (1, "#4b769a")], x2=1, y2=0.5)))
    c.add(ellipse(440, y + 9, 236, 50, fill=c.linear([(0, "#33597d"), (0.5, "#7da6c4"), (1, "#6c97b8")], x2=1, y2=0.6)))
    c.texture(ellipse(440, y, 334, 81), "0.014", strength=0.35, seed=5)
    c.speckle(ellipse(440, y, 332, 80), colour="#1b3350", amount=0.05, seed=21)
    c.add(ellipse(440, y + 9, 236, 50, fill="none", stroke="#dcebf4", stroke_opacity=0.5, stroke_width=3))
    c.add(ellipse(440, y, 334, 81, fill="none", stroke="#c9a67c", stroke_width=5))
    c.add(ellipse(330, y - 12, 120, 16, fill="#fff", opacity=0.4, filter=c.blur(12)))


def plates() -> Canvas:
    c = _scene(12)
    plates_on(c)
    c.finish()
    return c
