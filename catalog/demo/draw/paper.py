# ruff: noqa: E501  outlines are long
"""Atelier Lumen: candlelight and rag paper."""

import math

from catalog.demo.draw.canvas import Canvas, ellipse, group, path


def _flame(c: Canvas, x: float, y: float, size: float = 1.0) -> None:
    """A flame whose wick stands at (x, y), and its light on everything around."""
    glow = c.radial([(0, "#ffe3a0", 0.75), (0.35, "#ffcf7a", 0.30), (1, "#ffcf7a", 0)])
    c.add(f'<circle cx="{x}" cy="{y - 60 * size}" r="{380 * size}" fill="{glow}" style="mix-blend-mode:screen"/>')
    c.add(
        path(
            f"M{x} {y + 16} C{x - 3} {y} {x + 3} {y - 14} {x} {y - 26 * size}",
            fill="none",
            stroke="#2b1a0e",
            stroke_width=6,
            stroke_linecap="round",
        )
    )
    outer = f"M{x} {y - 190 * size} C{x + 14 * size} {y - 130 * size} {x + 46 * size} {y - 92 * size} {x + 36 * size} {y - 44 * size} C{x + 28 * size} {y - 6 * size} {x - 28 * size} {y - 6 * size} {x - 36 * size} {y - 44 * size} C{x - 46 * size} {y - 92 * size} {x - 8 * size} {y - 120 * size} {x} {y - 190 * size}z"
    c.add(
        path(
            outer,
            fill=c.linear([(0, "#ff9d2e"), (0.45, "#ffd765"), (0.85, "#fff6d0"), (1, "#7fa7d8")], x2=0, y2=1),
            filter=c.blur(2.5),
        )
    )
    c.add(ellipse(x, y - 62 * size, 15 * size, 40 * size, fill="#fffdf0", filter=c.blur(4)))


def pillar_on(c: Canvas) -> None:
    c.shadow(440, 930, 210, 34)
    brass = c.linear([(0, "#7d5a1e"), (0.25, "#f3d48a"), (0.5, "#b98a3a"), (1, "#6a4813")])
    c.add(
        ellipse(440, 920, 220, 50, fill="#5e4114"),
        ellipse(440, 908, 220, 50, fill=brass),
        ellipse(440, 904, 186, 38, fill="#9a7129"),
    )
    c.add(ellipse(456, 904, 150, 26, fill="#2a1807", opacity=0.6, filter=c.blur(8)))
    body = "M306 446 L306 884 Q440 936 574 884 L574 446z"
    c.add(path(body, fill=c.linear([(0, "#f3c868"), (0.35, "#dca23d"), (1, "#b8791f")], x2=0, y2=1)))
    c.texture(path(body), "0.02 0.008", strength=0.5, seed=7)
    c.add(path(body, fill=c.round_shading(strength=0.85)))
    c.add(path(body, fill=c.linear([(0, "#ffe9a8", 0.85), (0.4, "#ffd27a", 0)], x2=0, y2=1)))
    c.add(
        ellipse(440, 446, 134, 38, fill="#f6d786"),
        ellipse(440, 450, 112, 27, fill=c.radial([(0, "#fff8d6"), (0.6, "#f7cf6b"), (1, "#d79b34")])),
    )
    c.add(path("M566 452 C582 500 572 540 578 590 C580 612 560 612 560 592 C556 540 562 500 552 462z", fill="#efbd58"))
    _flame(c, 440, 446)


def pillar() -> Canvas:
    c = Canvas()
    c.room(wall=("#b9a48a", "#7d6853"), table=("#7a5a3c", "#46301d"), horizon=0.66, seed=4)
    pillar_on(c)
    c.finish()
    return c


def jar_on(c: Canvas) -> None:
    c.shadow(440, 920, 180, 32)
    glass = "M278 520 L290 872 Q294 908 330 914 Q440 932 550 914 Q586 908 590 872 L602 520z"
    c.add(path(glass, fill=c.linear([(0, "#39463a"), (0.3, "#74876f"), (0.6, "#4f5f4d"), (1, "#232d24")])))
    wax = "M288 600 L298 864 Q302 890 334 896 Q440 912 546 896 Q578 890 582 864 L592 600 Q440 648 288 600z"
    c.add(path(wax, fill=c.linear([(0, "#fff0c4", 0.9), (0.4, "#e9d9a8", 0.55), (1, "#8e8a62", 0.35)], x2=0, y2=1)))
    c.add(ellipse(440, 600, 152, 36, fill=c.radial([(0, "#fffbe4"), (0.6, "#f8e3a3"), (1, "#d2b36a")])))
    _flame(c, 440, 600, 0.72)
    c.add(ellipse(440, 520, 162, 40, fill="none", stroke="#dfe8d8", stroke_width=6, opacity=0.85))
    c.add(
        path(
            glass,
            fill=c.linear(
                [
                    (0, "#fff", 0.45),
                    (0.08, "#fff", 0.05),
                    (0.16, "#fff", 0.38),
                    (0.24, "#fff", 0),
                    (0.9, "#000", 0.2),
                    (1, "#fff", 0.28),
                ]
            ),
        )
    )
    label = '<rect x="346" y="690" width="188" height="136" rx="3"/>'
    c.relief(label, "0.2", colour="#f4ead6", depth=0.7, seed=3)
    c.add(
        path(
            "M440 716 C414 734 414 764 440 782 C466 764 466 734 440 716z M440 716 V800 M440 744 L424 734 M440 744 L456 734 M440 764 L426 756 M440 764 L454 756",
            fill="none",
            stroke="#4b5a44",
            stroke_width=4,
        )
    )


def jar() -> Canvas:
    c = Canvas()
    c.room(wall=("#aab0a0", "#6f7566"), table=("#8c7358", "#574330"), horizon=0.64, seed=9)
    jar_on(c)
    c.finish()
    return c


def _deckled(x: float, y: float, w: float, h: float, seed: int) -> str:
    """A rectangle whose edges wander as those of poured paper do."""
    points = []
    steps = 26
    for side in range(4):
        for index in range(steps):
            t = index / steps
            px, py = ((x + w * t, y), (x + w, y + h * t), (x + w * (1 - t), y + h), (x, y + h * (1 - t)))[side]
            wander = 5 * math.sin(seed * 3.1 + side * 7 + index * 2.3) + 3 * math.sin(seed + index * 5.7)
            points.append(f"{px + (wander if side % 2 else 0):.1f} {py + (0 if side % 2 else wander):.1f}")
    return "M" + " L".join(points) + "z"


def letters() -> Canvas:
    c = Canvas()
    c.add(f'<rect width="880" height="1100" fill="{c.linear([(0, "#8fa0a0"), (1, "#5d6d70")], x2=0.7, y2=1)}"/>')
    c.texture('<rect width="880" height="1100"/>', "0.004 0.06", strength=0.35, seed=8)
    for index, turn in enumerate((7, -3, 2, -1)):
        sheet = _deckled(190, 190, 470, 660, index + 2)
        c.add(f'<g transform="rotate({turn} 430 540)">')
        c.add(group(path(sheet), fill="#14100a", opacity=0.42, filter=c.blur(12), transform="translate(12 14)"))
        c.relief(path(sheet), "0.05", colour="#f7efdf", depth=1.1, seed=index + 3, octaves=5)
        c.add("</g>")
    c.add('<g transform="rotate(-5 470 800)">')
    for index in range(3):
        x, y = 280 + index * 12, 640 - index * 14
        envelope = f"M{x} {y} h440 v300 h-440z"
        c.add(group(path(envelope), fill="#14100a", opacity=0.38, filter=c.blur(10), transform="translate(10 12)"))
        c.relief(path(envelope), "0.07", colour="#efe3cb", depth=0.9, seed=index + 9)
    c.add(path(f"M{x} {y} L{x + 220} {y + 176} L{x + 440} {y}z", fill="#f6ecd8"))
    c.add(
        path(
            f"M{x} {y} L{x + 220} {y + 176} L{x + 440} {y}",
            fill="none",
            stroke="#8f7f62",
            stroke_width=4,
            opacity=0.65,
            stroke_linejoin="round",
        )
    )
    c.add(
        path(
            f"M{x + 300} {y - 10} C{x + 304} {y + 100} {x + 296} {y + 200} {x + 302} {y + 330}",
            fill="none",
            stroke="#7b4a34",
            stroke_width=15,
        )
    )
    c.add(path(f"M{x - 40} {y + 216} L{x + 450} {y + 206}", fill="none", stroke="#7b4a34", stroke_width=15))
    c.add(
        path(
            f"M{x + 300} {y + 210} C{x + 240} {y + 130} {x + 200} {y + 190} {x + 300} {y + 212} C{x + 390} {y + 130} {x + 410} {y + 190} {x + 300} {y + 212} M{x + 298} {y + 212} L{x + 262} {y + 290} M{x + 304} {y + 212} L{x + 346} {y + 284}",
            fill="none",
            stroke="#8c563d",
            stroke_width=13,
            stroke_linecap="round",
        )
    )
    c.add("</g>")
    c.finish()
    return c


def linocut() -> Canvas:
    c = Canvas()
    c.room(wall=("#e6e2d6", "#c4bdab"), table=("#b99f7f", "#87694a"), horizon=0.86, seed=13)
    frame = "M206 150 H674 V860 H206z"
    c.add(group(path(frame), fill="#1b140c", opacity=0.5, filter=c.blur(26), transform="translate(30 30)"))
    c.wood(path(frame), dark="#7c5733", light="#bb9362", upright=True, seed=4)
    c.add(path(frame, fill=c.linear([(0, "#fff3dc", 0.4), (0.4, "#fff3dc", 0), (1, "#140802", 0.4)], x2=0.8, y2=1)))
    c.add(path("M232 176 H648 V834 H232z", fill="#14100a", opacity=0.55))
    sheet = "M236 180 H648 V834 H236z"
    c.relief(path(sheet), "0.05", colour="#f8f2e4", depth=0.9, seed=6, octaves=5)
    c.add('<rect x="284" y="234" width="316" height="500" fill="#2f5a45"/>')
    c.texture('<rect x="284" y="234" width="316" height="500"/>', "0.5 0.02", strength=0.5, seed=4)
    fern = ["M442 708 C436 600 446 420 440 270"]
    for index in range(15):
        y = 660 - index * 26
        reach = 104 - abs(index - 4) * 7.4
        for side in (-1, 1):
            tip_x, tip_y = 441 + side * reach, y - reach * 0.62
            fern.append(
                f"M441 {y} Q{441 + side * reach * 0.55:.0f} {y - reach * 0.15 - 16:.0f} {tip_x:.0f} {tip_y:.0f} Q{441 + side * reach * 0.62:.0f} {y - reach * 0.10 + 10:.0f} 441 {y + 9}z"
            )
    c.add(path(" ".join(fern), fill="#f3ecda", stroke="#f3ecda", stroke_width=4, stroke_linejoin="round"))
    c.add(
        '<g font-family="Georgia, Liberation Serif, serif" font-style="italic" font-size="22" fill="#5d5346"><text x="286" y="776">12/40</text><text x="520" y="776">C. Fontanel</text></g>'
    )
    c.add(path("M236 180 H648 L520 834 H236z", fill="#fff", opacity=0.10))
    c.finish()
    return c
