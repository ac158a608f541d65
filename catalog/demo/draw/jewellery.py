# ruff: noqa: E501  outlines are long
"""Nóra Kelemen: silver and gold on slate, cloth and wood."""

import math

from catalog.demo.draw.canvas import Canvas, ellipse, group, path

_SILVER = ((0, "#f9fafa"), (0.22, "#aeb4b8"), (0.40, "#ffffff"), (0.62, "#7d858b"), (0.82, "#e4e8ea"), (1, "#6b7277"))
_GOLD = ((0, "#fff2bf"), (0.25, "#d3a144"), (0.45, "#fff6d4"), (0.68, "#9a6d20"), (0.85, "#efcd7c"), (1, "#845a17"))


def _linen(seed: int, first: str = "#e6dccb", second: str = "#c6b79f") -> Canvas:
    c = Canvas()
    c.weave('<rect width="880" height="1100"/>', warp=first, weft=second, size=5, angle=8)
    c.texture('<rect width="880" height="1100"/>', "0.003 0.006", strength=0.8, seed=seed, octaves=3)
    c.add(
        f'<rect width="880" height="1100" fill="{c.radial([(0, "#fff7e6", 0.5), (1, "#4a3a28", 0.42)], cx=0.3, cy=0.22, r=0.95)}"/>'
    )
    return c


def _slate(c: Canvas, outline: str, seed: int) -> None:
    c.add(group(path(outline), fill="#120d08", opacity=0.55, filter=c.blur(22), transform="translate(22 24)"))
    c.add(path(outline, fill="#191c20", transform="translate(6 9)"))
    c.relief(path(outline), "0.012 0.03", colour="#59616a", depth=5, seed=seed, octaves=5)
    c.add(path(outline, fill=c.linear([(0, "#fff", 0.16), (0.5, "#fff", 0), (1, "#000", 0.42)], x2=0.8, y2=1)))


def _facets(cx: float, cy: float, rx: float, ry: float, width: float, count: int) -> str:
    """Marks of the hammer round a band."""
    marks = []
    for index in range(count):
        angle = 2 * math.pi * index / count
        x, y = cx + rx * math.cos(angle), cy + ry * math.sin(angle)
        tone = "#ffffff" if index % 2 else "#474e54"
        marks.append(
            f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{width * 0.30:.0f}" ry="{width * 0.42:.0f}" fill="{tone}" opacity="{0.50 if index % 2 else 0.30}" transform="rotate({math.degrees(angle) + 90:.0f} {x:.0f} {y:.0f})"/>'
        )
    return "".join(marks)


def ring() -> Canvas:
    c = _linen(4)
    _slate(c, "M140 420 L700 380 L760 890 L600 960 L176 930 L110 640z", 5)
    c.add(ellipse(500, 812, 200, 46, fill="#000", opacity=0.6, filter=c.blur(22)))
    c.add(ellipse(452, 806, 120, 22, fill="#000", opacity=0.75, filter=c.blur(8)))
    silver = c.linear(_SILVER, x2=1, y2=0.8)
    back = c.linear([(0, "#3d4449"), (0.5, "#b9c0c4"), (1, "#4b5359")])
    c.add(ellipse(440, 640, 178, 184, fill="none", stroke=back, stroke_width=44))
    c.add(ellipse(424, 636, 178, 184, fill="none", stroke=silver, stroke_width=54))
    c.add(group(_facets(424, 636, 178, 184, 54, 38), filter=c.blur(3)))
    c.add(ellipse(424, 636, 204, 210, fill="none", stroke="#fff", stroke_width=4, opacity=0.75))
    c.add(ellipse(424, 636, 151, 157, fill="none", stroke="#20262b", stroke_width=4, opacity=0.6))
    c.add(
        path(
            "M270 560 A170 176 0 0 1 350 478",
            fill="none",
            stroke="#fff",
            stroke_width=20,
            stroke_linecap="round",
            opacity=0.85,
            filter=c.blur(5),
        )
    )
    c.finish()
    return c


def earrings_on(c: Canvas) -> None:
    c.shadow(440, 950, 150, 22)
    foot = "M300 930 Q440 900 580 930 L580 952 Q440 980 300 952z"
    post = "M424 300 L456 300 L462 930 L418 930z"
    arm = "M170 290 L710 290 L716 322 L164 322z"
    for shape, upright, seed in ((foot, False, 2), (post, True, 4), (arm, False, 6)):
        c.add(group(path(shape), fill="#1b0e05", opacity=0.35, filter=c.blur(9), transform="translate(12 10)"))
        c.wood(path(shape), dark="#4b2d18", light="#8d6038", upright=upright, seed=seed)
        c.add(
            path(shape, fill=c.linear([(0, "#fff3dc", 0.35), (0.4, "#fff3dc", 0), (1, "#140802", 0.5)], x2=0.3, y2=1))
        )
    gold = c.linear(_GOLD, x2=0.8, y2=1)
    for x in (268, 612):
        moon = f"M{x - 8} 470 C{x - 120} 520 {x - 120} 690 {x + 6} 734 C{x + 60} 750 {x + 100} 720 {x + 112} 690 C{x + 40} 716 {x - 20} 668 {x - 22} 590 C{x - 22} 540 {x - 16} 500 {x - 8} 470z"
        c.add(group(path(moon), fill="#1b0e05", opacity=0.4, filter=c.blur(12), transform="translate(34 22)"))
        c.add(
            path(
                f"M{x - 8} 474 C{x - 10} 420 {x - 26} 380 {x - 6} 342 C{x + 8} 300 {x + 30} 300 {x + 30} 340",
                fill="none",
                stroke=gold,
                stroke_width=6,
                stroke_linecap="round",
            )
        )
        c.add(path(moon, fill=gold))
        c.texture(path(moon), "0.05", strength=0.3, seed=x)
        c.add(
            path(
                f"M{x - 20} 496 C{x - 104} 550 {x - 96} 680 {x + 4} 716",
                fill="none",
                stroke="#fffbe6",
                stroke_width=9,
                opacity=0.8,
                filter=c.blur(3),
            )
        )
        c.add(
            path(moon, fill="none", stroke="#fff4c8", stroke_width=2, opacity=0.8),
            ellipse(x - 8, 470, 9, 9, fill="#b98a35"),
        )


def earrings() -> Canvas:
    c = Canvas()
    c.room(wall=("#ded5da", "#b5a4ab"), table=("#c9b29a", "#97795c"), horizon=0.80, seed=6)
    earrings_on(c)
    c.finish()
    return c


def pendant() -> Canvas:
    c = _linen(9, "#d7d8d3", "#b6b7b0")
    chain = "M120 -20 C150 330 300 470 432 560 M760 -20 C730 330 590 470 448 560"
    c.add(
        group(
            path(chain, fill="none", stroke="#1b140c", stroke_width=9),
            opacity=0.4,
            filter=c.blur(6),
            transform="translate(12 14)",
        )
    )
    c.add(path(chain, fill="none", stroke="#5e656a", stroke_width=9, stroke_dasharray="15 5", stroke_linecap="round"))
    c.add(
        path(
            chain,
            fill="none",
            stroke="#eef1f2",
            stroke_width=4,
            stroke_dasharray="12 8",
            stroke_linecap="round",
            transform="translate(-1 -2)",
        )
    )
    stone = (
        "M440 640 C540 626 640 700 628 802 C618 906 520 960 430 950 C320 940 246 860 262 764 C276 680 350 648 440 640z"
    )
    c.add(group(path(stone), fill="#1b140c", opacity=0.6, filter=c.blur(22), transform="translate(28 30)"))
    silver = c.linear(_SILVER, x2=1, y2=1)
    c.add(path("M408 646 L414 580 Q440 544 466 580 L472 646z", fill=silver), ellipse(440, 584, 15, 19, fill="#8f938f"))
    c.add(path(stone, fill=silver, stroke=silver, stroke_width=34, stroke_linejoin="round"))
    c.relief(path(stone), "0.02 0.035", colour="#8b918f", depth=1.6, seed=7, octaves=4)
    c.add(
        path(
            "M280 800 C380 744 500 860 616 770 M272 850 C400 800 520 900 600 850",
            fill="none",
            stroke="#f2f2ec",
            stroke_width=10,
            opacity=0.7,
            filter=c.blur(2),
        )
    )
    c.add(
        path(
            stone,
            fill=c.radial([(0, "#fff", 0.62), (0.4, "#fff", 0.08), (1, "#0d1113", 0.72)], cx=0.33, cy=0.28, r=0.78),
        )
    )
    c.add(path(stone, fill="none", stroke="#2b3135", stroke_width=4, opacity=0.7))
    c.add(ellipse(362, 716, 62, 22, fill="#fff", opacity=0.6, filter=c.blur(12), transform="rotate(-28 362 716)"))
    c.finish()
    return c


def bangles_on(c: Canvas) -> None:
    silver = c.linear(_SILVER, x2=1, y2=0.7)
    for cx, cy, rx, tilt, hammer in ((548, 690, 214, 10, 0), (440, 700, 222, -4, 52), (330, 716, 214, -16, 0)):
        c.add(ellipse(cx + 60, 912, rx * 0.85, 26, fill="#0d0704", opacity=0.5, filter=c.blur(16)))
        c.add(ellipse(cx + 14, 906, rx * 0.40, 9, fill="#0d0704", opacity=0.8, filter=c.blur(5)))
        c.add(f'<g transform="rotate({tilt} {cx} {cy})">')
        c.add(ellipse(cx + 9, cy, rx, 206, fill="none", stroke="#4a5157", stroke_width=20))
        c.add(ellipse(cx, cy, rx, 206, fill="none", stroke=silver, stroke_width=20))
        if hammer:
            c.add(group(_facets(cx, cy, rx, 206, 22, hammer), filter=c.blur(2)))
        c.add(ellipse(cx - 2, cy - 2, rx + 7, 212, fill="none", stroke="#fff", stroke_width=3, opacity=0.8))
        c.add("</g>")


def bangles() -> Canvas:
    c = Canvas()
    c.room(wall=("#e3dbd6", "#bfaea5"), table=("#6e5a4e", "#42332a"), horizon=0.66, seed=16)
    bangles_on(c)
    c.finish()
    return c
