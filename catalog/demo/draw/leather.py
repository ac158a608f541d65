# ruff: noqa: E501  outlines are long
"""Bottega Ferri: vegetable-tanned leather, stitched by hand."""

from catalog.demo.draw.canvas import Canvas, ellipse, group, path


def _scene(seed: int, *, horizon: float = 0.62) -> Canvas:
    c = Canvas()
    c.room(wall=("#e4d8c8", "#c4ad92"), table=("#8a6a4c", "#5b412b"), horizon=horizon, seed=seed)
    return c


def _hide(c: Canvas, outline: str, *, colour: str, edge: str, seed: int, lift: float = 22, depth: float = 1.3) -> None:
    """A piece of leather: cut edge, pores lit from the side, a sheen across."""
    c.add(
        group(
            path(outline),
            fill="#1b0e05",
            opacity=0.55,
            filter=c.blur(lift * 0.7),
            transform=f"translate({lift} {lift * 0.8})",
        )
    )
    c.add(path(outline, fill=edge, transform="translate(5 6)"))
    c.relief(path(outline), "0.16", colour=colour, depth=depth, seed=seed)
    c.texture(path(outline), "0.008", strength=0.16, seed=seed + 4, octaves=2)
    c.add(
        path(outline, fill=c.linear([(0, "#fff1dc", 0.34), (0.45, "#fff1dc", 0), (1, "#160a03", 0.38)], x2=0.9, y2=1))
    )


def _stitches(d: str, *, colour: str = "#f0dfc0") -> str:
    hole = path(
        d,
        fill="none",
        stroke="#170a03",
        stroke_opacity=0.55,
        stroke_width=6,
        stroke_dasharray="14 8",
        stroke_linecap="round",
        transform="translate(1 2)",
    )
    return hole + path(d, fill="none", stroke=colour, stroke_width=4, stroke_dasharray="13 9", stroke_linecap="round")


def notebook() -> Canvas:
    c = Canvas()
    c.add(f'<rect width="880" height="1100" fill="{c.linear([(0, "#d9cbb6"), (1, "#a68f72")], x2=0.7, y2=1)}"/>')
    c.texture('<rect width="880" height="1100"/>', "0.004 0.07", strength=0.35, seed=3)
    turn = "rotate(-7 440 550)"
    c.add(f'<g transform="{turn}">')
    pages = "M232 236 L676 236 L676 872 L232 872z"
    c.add(group(path(pages), fill="#1b0e05", opacity=0.5, filter=c.blur(20), transform="translate(26 28)"))
    c.add(path(pages, fill="#efe6d2"))
    for step in range(6):
        c.add(path(f"M{662 + step * 3} 240 L{662 + step * 3} 868", stroke="#b6a888", stroke_width=1))
    outline = "M204 222 Q204 206 220 206 L640 206 Q656 206 656 222 L656 886 Q656 902 640 902 L220 902 Q204 902 204 886z"
    _hide(c, outline, colour="#c07a42", edge="#5f3415", seed=5, lift=18)
    c.add(path("M204 222 Q204 206 220 206 L250 206 L250 902 L220 902 Q204 902 204 886z", fill="#1b0b03", opacity=0.22))
    c.add(_stitches("M640 222 L272 222 M640 886 L272 886 M640 226 L640 882"))
    c.add(
        path("M574 206 L574 902", stroke="#2b1a10", stroke_width=15),
        path("M571 206 L571 902", stroke="#6a4a34", stroke_width=3),
    )
    c.add(
        path(
            "M372 520 q40 -46 80 0 q-40 46 -80 0z M392 520 h40",
            fill="none",
            stroke="#4e2a10",
            stroke_width=4,
            opacity=0.65,
        )
    )
    c.add("</g>")
    c.add(
        f'<g transform="rotate(24 700 880)">{group(path("M250 930 L720 930 L770 944 L720 958 L250 958 Q236 944 250 930z"), fill="#1b0e05", opacity=0.45, filter=c.blur(9), transform="translate(8 14)")}{path("M250 930 L700 930 L700 958 L250 958 Q236 944 250 930z", fill=c.linear([(0, "#5d7a6b"), (0.4, "#a9c2b4"), (1, "#2d4238")], x2=0, y2=1))}{path("M700 930 L748 940 L748 948 L700 958z", fill="#e3c596")}{path("M748 940 L770 944 L748 948z", fill="#2b2420")}</g>'
    )
    c.finish()
    return c


def card_holder_on(c: Canvas) -> None:
    c.add('<g transform="rotate(-9 440 660)">')
    c.add(
        group(
            '<rect x="226" y="440" width="420" height="200" rx="16"/>',
            fill="#1b0e05",
            opacity=0.4,
            filter=c.blur(10),
            transform="translate(10 8)",
        )
    )
    c.add(
        f'<rect x="226" y="430" width="420" height="200" rx="16" fill="{c.linear([(0, "#f4ecdc"), (1, "#d9cbb2")], x2=1, y2=1)}"/>'
    )
    c.add(
        '<rect x="256" y="462" width="120" height="10" rx="5" fill="#a08a68" opacity=".7"/><rect x="256" y="484" width="80" height="8" rx="4" fill="#a08a68" opacity=".5"/>'
    )
    _hide(
        c,
        "M180 536 Q180 512 204 512 L676 512 Q700 512 700 536 L700 842 Q700 866 676 866 L204 866 Q180 866 180 842z",
        colour="#4c7357",
        edge="#152a1c",
        seed=9,
    )
    _hide(
        c,
        "M180 606 C300 636 580 636 700 606 L700 842 Q700 866 676 866 L204 866 Q180 866 180 842z",
        colour="#557e60",
        edge="#152a1c",
        seed=14,
        lift=4,
    )
    _hide(
        c,
        "M180 690 C300 720 580 720 700 690 L700 842 Q700 866 676 866 L204 866 Q180 866 180 842z",
        colour="#5b8766",
        edge="#152a1c",
        seed=19,
        lift=4,
    )
    for y in (606, 690):
        c.add(
            path(
                f"M180 {y} C300 {y + 30} 580 {y + 30} 700 {y}",
                fill="none",
                stroke="#a8cbb0",
                stroke_width=4,
                opacity=0.8,
            )
        )
        c.add(
            path(
                f"M180 {y - 5} C300 {y + 25} 580 {y + 25} 700 {y - 5}",
                fill="none",
                stroke="#0b1a10",
                stroke_width=6,
                opacity=0.5,
                filter=c.blur(3),
            )
        )
    c.add(_stitches("M196 540 L196 838 Q196 850 208 850 L672 850 Q684 850 684 838 L684 540", colour="#e9dcc0"))
    c.add("</g>")


def card_holder() -> Canvas:
    c = _scene(8, horizon=0.42)
    card_holder_on(c)
    c.finish()
    return c


def belt_on(c: Canvas) -> None:
    c.shadow(440, 860, 270, 60, reach=0.6)
    c.add(ellipse(440, 640, 290, 122, fill="#1a0d06"))
    for r in (262, 232, 202, 172, 142):
        c.add(ellipse(440, 640 + (290 - r) * 0.10, r, r * 0.42, fill="none", stroke="#7d5031", stroke_width=12))
        c.add(ellipse(440, 646 + (290 - r) * 0.10, r - 4, r * 0.41, fill="none", stroke="#2a150a", stroke_width=12))
    c.add(ellipse(440, 668, 112, 44, fill="#120803"))
    front = "M150 640 A290 122 0 0 0 730 640 L730 800 A290 122 0 0 1 150 800z"
    c.relief(path(front), "0.2", colour="#7b4a2c", depth=1.2, seed=8)
    c.add(path(front, fill=c.round_shading(strength=1.0)))
    c.add(path("M150 640 A290 122 0 0 1 730 640 A290 122 0 0 1 150 640", fill="none", stroke="#b07a50", stroke_width=8))
    c.add(
        _stitches("M160 668 A282 118 0 0 0 720 668", colour="#dcc096"),
        _stitches("M162 790 A282 118 0 0 0 718 790", colour="#dcc096"),
    )
    brass = c.linear([(0, "#fff3c4"), (0.3, "#d9ad55"), (0.6, "#8d6522"), (1, "#e9c777")], x2=1, y2=1)
    c.add(
        group(
            '<rect x="352" y="726" width="190" height="196" rx="26" fill="none" stroke="#140802" stroke-width="26"/>',
            opacity=0.5,
            filter=c.blur(8),
            transform="translate(8 10)",
        )
    )
    c.add(f'<rect x="352" y="726" width="190" height="196" rx="26" fill="none" stroke="{brass}" stroke-width="26"/>')
    c.add(
        '<rect x="344" y="718" width="206" height="212" rx="30" fill="none" stroke="#fff6d8" stroke-opacity=".6" stroke-width="3"/>'
    )
    c.add(
        path("M356 824 L548 824", stroke="#6f4c16", stroke_width=18, stroke_linecap="round"),
        path("M356 820 L548 820", stroke="#f0d289", stroke_width=8, stroke_linecap="round"),
    )


def belt() -> Canvas:
    c = _scene(12, horizon=0.36)
    belt_on(c)
    c.finish()
    return c


def tote_on(c: Canvas) -> None:
    c.shadow(450, 918, 270, 30)
    for dx, colour in ((34, "#6d3f1e"), (0, "#a8642f")):
        c.add(
            path(
                f"M{300 + dx} 430 C{300 + dx} 120 {560 + dx} 120 {560 + dx} 430",
                fill="none",
                stroke="#3a1d0a",
                stroke_width=30,
            ),
            path(
                f"M{298 + dx} 428 C{298 + dx} 118 {558 + dx} 118 {558 + dx} 428",
                fill="none",
                stroke=colour,
                stroke_width=24,
            ),
            path(
                f"M{293 + dx} 424 C{295 + dx} 112 {552 + dx} 112 {554 + dx} 424",
                fill="none",
                stroke="#e0a46a",
                stroke_width=3,
                opacity=0.6,
            ),
        )
        if dx:
            side = "M694 402 L748 432 L734 884 L672 918z"
            c.relief(path(side), "0.14", colour="#7c4822", depth=1.2, seed=3)
            c.add(path(side, fill="#150802", opacity=0.3))
    outline = "M182 400 L694 400 Q700 400 700 408 L680 902 Q678 920 660 920 L212 920 Q194 920 192 902 L174 408 Q174 400 182 400z"
    _hide(c, outline, colour="#c27a40", edge="#5a3013", seed=23, lift=10, depth=1.5)
    c.add(
        path(
            "M250 440 C270 620 262 760 280 900 M610 440 C590 600 606 760 596 900",
            fill="none",
            stroke="#2a1204",
            stroke_width=26,
            opacity=0.14,
            filter=c.blur(14),
        )
    )
    c.add(_stitches("M196 424 L678 424"), _stitches("M202 450 L218 898 L654 898 L672 450"))
    for x in (298, 558):
        tab = f"M{x - 34} 404 L{x + 34} 404 L{x + 34} 480 Q{x} 520 {x - 34} 480z"
        c.add(group(path(tab), fill="#1b0e05", opacity=0.4, filter=c.blur(5), transform="translate(4 6)"))
        c.relief(path(tab), "0.16", colour="#b56d35", depth=1.2, seed=int(x))
        c.add(_stitches(f"M{x - 26} 410 L{x - 26} 476 Q{x} 504 {x + 26} 476 L{x + 26} 410"))
        for y in (430, 470):
            c.add(
                ellipse(x, y, 9, 9, fill=c.radial([(0, "#fff2c6"), (0.6, "#c99a44"), (1, "#6e4c17")], cx=0.35, cy=0.3))
            )


def tote() -> Canvas:
    c = _scene(17, horizon=0.74)
    tote_on(c)
    c.finish()
    return c
