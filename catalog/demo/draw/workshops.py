# ruff: noqa: E501  outlines are long
"""The artisans' workshops, and the bench on the home page."""

from catalog.demo.draw import jewellery, leather, paper, pottery, textiles, wood
from catalog.demo.draw.canvas import Canvas, ellipse, group, path

_WIDTH, _HEIGHT = 1200, 800


def _room(*, wall: tuple[str, str], bench: tuple[str, str], horizon: float, seed: int) -> Canvas:
    c = Canvas(width=_WIDTH, height=_HEIGHT)
    c.room(wall=wall, table=bench, horizon=horizon, seed=seed)
    return c


def _shelf(c: Canvas, x: float, y: float, length: float, *, seed: int) -> None:
    plank = f"M{x} {y} h{length} v20 h-{length}z"
    c.add(group(path(plank), fill="#1b0e05", opacity=0.4, filter=c.blur(10), transform="translate(10 18)"))
    c.wood(path(plank), dark="#6b4829", light="#a77a4b", seed=seed)
    c.add(path(f"M{x} {y} h{length}", stroke="#f2d9b2", stroke_width=3, opacity=0.6))


def _tool(c: Canvas, x: float, top: float, *, handle: str, blade: str, length: float = 150) -> None:
    """A tool hanging on the wall: a turned handle and a steel blade."""
    steel = c.linear([(0, "#5d6468"), (0.4, "#eef1f2"), (1, "#6b7277")])
    grip = f"M{x - 11} {top} Q{x - 16} {top + 40} {x - 9} {top + 84} L{x + 9} {top + 84} Q{x + 16} {top + 40} {x + 11} {top}z"
    edge = {"chisel": f"M{x - 7} {top + 84} L{x + 7} {top + 84} L{x + 9} {top + length} L{x - 9} {top + length - 12}z",
            "awl": f"M{x - 4} {top + 84} L{x + 4} {top + 84} L{x} {top + length}z",
            "hammer": f"M{x - 6} {top + 84} L{x + 6} {top + 84} L{x + 6} {top + length - 26} L{x + 38} {top + length - 26} L{x + 38} {top + length + 8} L{x - 30} {top + length + 4} L{x - 38} {top + length - 14} L{x - 6} {top + length - 26}z"}[blade]  # fmt: skip
    c.add(group(path(grip + edge), fill="#1b0e05", opacity=0.38, filter=c.blur(6), transform="translate(14 10)"))
    c.add(path(edge, fill=steel), path(grip, fill=handle), path(grip, fill=c.round_shading()))


def pottery_workshop() -> Canvas:
    c = _room(wall=("#e9e2d6", "#c9baa4"), bench=("#b99b74", "#7b5c3c"), horizon=0.74, seed=2)
    _shelf(c, 640, 210, 500, seed=4)
    _shelf(c, 640, 400, 500, seed=7)
    c.place(pottery.jug_on, x=655, y=-4, scale=0.225)
    c.place(pottery.jug_on, x=790, y=-4, scale=0.225)
    c.place(pottery.bowl_on, x=930, y=8, scale=0.225)
    c.place(pottery.espresso_cups_on, x=650, y=200, scale=0.235)
    c.place(pottery.plates_on, x=830, y=186, scale=0.235)
    c.place(pottery.jug_on, x=1000, y=186, scale=0.225)
    head = c.linear([(0, "#4b433c"), (0.35, "#b9aea2"), (1, "#3a332d")])
    c.add(ellipse(330, 714, 300, 44, fill="#1b0e05", opacity=0.5, filter=c.blur(20)))
    c.add(
        path("M250 690 L410 690 L390 770 L270 770z", fill="#3b342e"),
        path("M250 690 L410 690 L390 770 L270 770z", fill=c.round_shading()),
    )
    c.add(
        ellipse(330, 676, 250, 46, fill="#2e2823"),
        ellipse(330, 662, 250, 46, fill=head),
        ellipse(330, 660, 226, 38, fill="#8d8277"),
    )
    wet = "M150 470 C160 560 220 640 270 664 L390 664 C440 640 500 560 510 470z"
    c.add(path(wet, fill=c.linear([(0, "#a98363"), (1, "#7b5a3f")], x2=0, y2=1)))
    c.texture(path(wet), "0.003 0.10", strength=0.6, seed=5)
    c.add(path(wet, fill=c.round_shading()))
    c.add(
        ellipse(330, 470, 180, 44, fill="#b9926f"),
        ellipse(330, 474, 166, 36, fill=c.linear([(0, "#4d3523"), (1, "#a27c5c")], x2=0.8, y2=0.6)),
    )
    c.finish()
    return c


def weaving_workshop() -> Canvas:
    c = _room(wall=("#dfe3e2", "#aeb7b8"), bench=("#c5ab87", "#8b6d4b"), horizon=0.86, seed=3)
    posts = ("M250 70 h44 v660 h-44z", "M906 70 h44 v660 h-44z")
    for index, post in enumerate(posts):
        c.add(group(path(post), fill="#1b140c", opacity=0.4, filter=c.blur(14), transform="translate(24 12)"))
        c.wood(path(post), dark="#7a522e", light="#bb8d5c", upright=True, seed=index + 3)
        c.add(path(post, fill=c.round_shading()))
    threads = "".join(f'<path d="M{x} 120 L{x} 690"/>' for x in range(312, 892, 7))
    c.add(
        f'<g stroke="#e9e2d0" stroke-width="2.500">{threads}</g><g stroke="#8f8672" stroke-width="1" transform="translate(2 0)">{threads}</g>'
    )
    cloth = "M306 430 L894 422 L894 660 L306 660z"
    c.add(group(path(cloth), fill="#1b140c", opacity=0.3, filter=c.blur(10), transform="translate(8 10)"))
    c.weave(path(cloth), warp="#8e9a83", weft="#b2bca4", size=9, angle=45)
    c.texture(path(cloth), "0.09 0.12", strength=0.7, seed=4)
    for y in (470, 490, 610, 630):
        c.add(path(f"M306 {y} L894 {y - 4}", stroke="#efeadb", stroke_width=10, opacity=0.8))
    c.add(path(cloth, fill=c.linear([(0, "#fff", 0.3), (0.5, "#fff", 0), (1, "#12160e", 0.4)], x2=0.4, y2=1)))
    for y, seed in ((96, 5), (300, 7), (650, 9)):
        beam = f"M220 {y} h760 v{40 if y != 300 else 26} h-760z"
        c.add(group(path(beam), fill="#1b140c", opacity=0.4, filter=c.blur(9), transform="translate(8 12)"))
        c.wood(path(beam), dark="#855a33", light="#c99c69", seed=seed)
        c.add(path(beam, fill=c.linear([(0, "#fff3dc", 0.4), (0.4, "#fff3dc", 0), (1, "#140802", 0.5)], x2=0, y2=1)))
    for x, colour in ((70, "#7a4560"), (150, "#c8902e"), (1040, "#3f6786"), (1120, "#8e9a83")):
        c.add(ellipse(x + 14, 724, 56, 16, fill="#1b140c", opacity=0.5, filter=c.blur(9)))
        c.add(f'<circle cx="{x}" cy="684" r="46" fill="{colour}"/>')
        c.add(
            path(
                f"M{x - 40} 666 Q{x} 700 {x + 42} 664 M{x - 44} 690 Q{x} 724 {x + 42} 690 M{x - 20} 644 Q{x + 30} 680 {x + 8} 728 M{x - 36} 656 Q{x + 6} 690 {x - 10} 730",
                fill="none",
                stroke="#fff",
                stroke_width=4,
                opacity=0.35,
            )
        )
        c.add(
            f'<circle cx="{x}" cy="684" r="46" fill="{c.radial([(0, "#fff", 0.5), (0.5, "#fff", 0), (1, "#140802", 0.6)], cx=0.35, cy=0.3, r=0.75)}"/>'
        )
    c.finish()
    return c


def wood_workshop() -> Canvas:
    c = _room(wall=("#dfe0d6", "#b3b2a1"), bench=("#c79d68", "#845a31"), horizon=0.68, seed=6)
    rack = "M560 130 h560 v26 h-560z"
    c.wood(path(rack), dark="#6b4829", light="#a77a4b", seed=8)
    for index, x in enumerate(range(610, 1100, 78)):
        _tool(
            c,
            x,
            124,
            handle="#a8713c" if index % 2 else "#8a552b",
            blade="chisel" if index != 4 else "hammer",
            length=190,
        )
    c.place(wood.board_on, x=60, y=40, scale=0.52)
    c.place(wood.bowl_on, x=250, y=270, scale=0.45)
    c.add(ellipse(820, 690, 240, 26, fill="#1b0e05", opacity=0.5, filter=c.blur(14)))
    plane = "M610 600 Q606 566 640 566 L1010 566 Q1040 566 1040 600 L1040 676 L610 676z"
    c.wood(path(plane), dark="#6a3d1e", light="#b9803f", seed=15)
    c.add(path(plane, fill=c.linear([(0, "#fff3dc", 0.45), (0.35, "#fff3dc", 0), (1, "#140802", 0.5)], x2=0, y2=1)))
    horn = "M650 566 C640 500 690 470 712 500 C728 524 712 546 716 566z"
    c.wood(path(horn), dark="#6a3d1e", light="#b9803f", upright=True, seed=17)
    c.add(
        path(horn, fill=c.round_shading()),
        path("M826 560 L866 430 L900 438 L872 566z", fill=c.linear([(0, "#5d6468"), (0.4, "#eef1f2"), (1, "#6b7277")])),
    )
    for x, y, r in ((470, 716, 34), (540, 744, 26), (1090, 716, 30), (380, 754, 22)):
        c.add(ellipse(x + 6, y + r * 0.7, r, 7, fill="#1b0e05", opacity=0.4, filter=c.blur(5)))
        c.add(
            path(
                f"M{x - r} {y} A{r} {r * 0.8} 0 1 1 {x + r * 0.5} {y + r * 0.6} A{r * 0.6} {r * 0.5} 0 1 1 {x - r * 0.3} {y - r * 0.1}",
                fill="none",
                stroke="#9a6f3d",
                stroke_width=13,
            )
        )
        c.add(
            path(
                f"M{x - r} {y} A{r} {r * 0.8} 0 1 1 {x + r * 0.5} {y + r * 0.6} A{r * 0.6} {r * 0.5} 0 1 1 {x - r * 0.3} {y - r * 0.1}",
                fill="none",
                stroke="#ecca92",
                stroke_width=8,
            )
        )
    c.finish()
    return c


def leather_workshop() -> Canvas:
    c = _room(wall=("#e4d8c8", "#bfa88c"), bench=("#7d5d40", "#4c3521"), horizon=0.70, seed=9)
    rail = "M90 96 h470 v20 h-470z"
    c.wood(path(rail), dark="#4b2d18", light="#8d6038", seed=3)
    for x, w, colour, seed in ((130, 190, "#b86f38", 4), (330, 170, "#6b4028", 9)):
        hide = f"M{x} 100 L{x + w} 100 C{x + w + 26} 220 {x + w - 6} 300 {x + w + 14} 440 C{x + w - 40} 420 {x + w * 0.6} 480 {x + w * 0.5} 452 C{x + 40} 490 {x + 20} 420 {x - 18} 446 C{x + 10} 320 {x - 26} 220 {x} 100z"
        c.add(group(path(hide), fill="#1b0e05", opacity=0.45, filter=c.blur(16), transform="translate(26 14)"))
        c.relief(path(hide), "0.12", colour=colour, depth=1.4, seed=seed)
        c.add(
            path(
                hide,
                fill=c.linear(
                    [(0, "#fff1dc", 0.3), (0.35, "#fff1dc", 0), (0.6, "#140802", 0.25), (1, "#fff1dc", 0.12)]
                ),
            )
        )
    rack = "M660 150 h450 v24 h-450z"
    c.wood(path(rack), dark="#4b2d18", light="#8d6038", seed=8)
    for index, x in enumerate(range(706, 1100, 72)):
        _tool(
            c, x, 144, handle="#9a6a38" if index % 2 else "#5e3a1e", blade="awl" if index % 3 else "hammer", length=176
        )
    c.place(leather.tote_on, x=640, y=262, scale=0.50)
    c.place(leather.card_holder_on, x=60, y=330, scale=0.46)
    for x, colour in ((440, "#efe2c6"), (520, "#8c4a2c"), (596, "#31523f")):
        c.add(ellipse(x + 14, 742, 44, 12, fill="#120803", opacity=0.6, filter=c.blur(7)))
        spool = f"M{x - 30} 650 h60 v84 h-60z"
        c.add(
            path(spool, fill=colour),
            "".join(
                path(f"M{x - 30} {y} h60", stroke="#000", stroke_width=2, opacity=0.22) for y in range(656, 734, 7)
            ),
            path(spool, fill=c.round_shading()),
        )
        for y in (644, 736):
            c.add(ellipse(x, y, 38, 11, fill="#b98a57"), ellipse(x, y - 2, 38, 11, fill="#dcb585"))
    c.finish()
    return c


def goldsmith_workshop() -> Canvas:
    c = _room(wall=("#dcd5dc", "#a79aa5"), bench=("#a98360", "#634529"), horizon=0.66, seed=12)
    rack = "M620 120 h480 v22 h-480z"
    c.wood(path(rack), dark="#5a3a20", light="#98693d", seed=4)
    for index, x in enumerate(range(670, 1090, 74)):
        _tool(c, x, 116, handle="#b17c47", blade="hammer" if index % 2 else "chisel", length=170)
    c.place(jewellery.earrings_on, x=40, y=50, scale=0.50)
    c.place(jewellery.bangles_on, x=560, y=230, scale=0.50)
    c.add(ellipse(1040, 744, 90, 14, fill="#120803", opacity=0.55, filter=c.blur(9)))
    lamp = "M990 650 Q1040 630 1090 650 L1100 736 Q1040 756 980 736z"
    c.add(
        path(lamp, fill=c.linear([(0, "#7d5a1e"), (0.3, "#f3d48a"), (0.6, "#b98a3a"), (1, "#6a4813")])),
        path("M1026 640 h28 v-26 h-28z", fill="#8d6522"),
    )
    glow = c.radial([(0, "#bcd8ff", 0.75), (0.4, "#9fc4ff", 0.22), (1, "#9fc4ff", 0)])
    c.add(f'<circle cx="1040" cy="560" r="150" fill="{glow}" style="mix-blend-mode:screen"/>')
    c.add(
        path(
            "M1040 490 C1048 540 1062 570 1054 602 Q1040 622 1026 602 C1018 570 1032 540 1040 490z",
            fill=c.linear([(0, "#ffd98a"), (0.6, "#dcebff"), (1, "#5f8fe0")], x2=0, y2=1),
            filter=c.blur(2),
        )
    )
    c.finish()
    return c


def paper_workshop() -> Canvas:
    c = _room(wall=("#d9d6c8", "#9ea08f"), bench=("#a88560", "#65482c"), horizon=0.72, seed=15)
    c.add(path("M40 120 Q600 176 1160 104", fill="none", stroke="#6b5a45", stroke_width=5))
    for x, y, tone, seed in (
        (330, 144, "#f8f0df", 2),
        (520, 152, "#efe4cd", 5),
        (710, 152, "#f8f0df", 8),
        (900, 142, "#f3e9d6", 11),
    ):
        sheet = f"M{x} {y} l140 2 l6 196 l-150 -4z"
        c.add(group(path(sheet), fill="#14100a", opacity=0.36, filter=c.blur(12), transform="translate(20 16)"))
        c.relief(path(sheet), "0.06", colour=tone, depth=1.0, seed=seed, octaves=5)
        c.add(path(sheet, fill=c.linear([(0, "#fff", 0.3), (0.5, "#fff", 0), (1, "#14100a", 0.22)])))
        for peg in (20, 118):
            c.add(f'<rect x="{x + peg}" y="{y - 14}" width="11" height="38" rx="3" fill="#b98a57"/>')
    c.place(paper.jar_on, x=660, y=220, scale=0.54)
    c.place(paper.pillar_on, x=30, y=180, scale=0.58)
    c.place(paper.pillar_on, x=270, y=330, scale=0.42)
    c.place(paper.pillar_on, x=470, y=290, scale=0.46)
    c.finish()
    return c


def hero() -> Canvas:
    c = Canvas(width=1280, height=860)
    c.room(wall=("#ece3d3", "#c5b396"), table=("#c9a777", "#8a6238"), horizon=0.60, seed=21)
    _shelf(c, 640, 190, 560, seed=6)
    c.place(pottery.jug_on, x=660, y=-34, scale=0.24)
    c.place(pottery.espresso_cups_on, x=800, y=-16, scale=0.24)
    c.place(pottery.jug_on, x=985, y=-34, scale=0.24)
    c.place(wood.board_on, x=60, y=110, scale=0.56)
    c.place(leather.tote_on, x=790, y=196, scale=0.52)
    c.place(paper.pillar_on, x=250, y=190, scale=0.53)
    c.place(textiles.scarf_on, x=60, y=350, scale=0.52)
    c.place(pottery.bowl_on, x=440, y=300, scale=0.60)
    c.finish()
    return c
