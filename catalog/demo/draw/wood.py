# ruff: noqa: E501  outlines are long
"""Jonas Hartmann: wood against a limewashed wall."""

from catalog.demo.draw.canvas import Canvas, ellipse, group, path


def _scene(seed: int, *, horizon: float = 0.62) -> Canvas:
    c = Canvas()
    c.room(wall=("#dfe0d6", "#b9b8a8"), table=("#cfc6b6", "#9c9180"), horizon=horizon, seed=seed)
    return c


def _spoon(
    c: Canvas, x: float, top: float, *, dark: str, light: str, width: float, seed: int, flat: bool = False
) -> None:
    """A spoon lying on the cloth, its head up."""
    w = width
    head = (
        f"M{x - w} {top + 10} L{x + w} {top + 34} C{x + w * 1.02} {top + 150} {x + w * 0.7} {top + 210} {x + 20} {top + 290} "
        f"L{x - 20} {top + 290} C{x - w * 0.7} {top + 210} {x - w * 1.02} {top + 150} {x - w} {top + 10}z"
        if flat
        else f"M{x} {top} C{x + w * 1.25} {top} {x + w * 1.2} {top + 190} {x + 22} {top + 262} L{x - 22} {top + 262} "
        f"C{x - w * 1.2} {top + 190} {x - w * 1.25} {top} {x} {top}z"
    )
    handle = f"M{x - 22} {top + 240} L{x + 22} {top + 240} C{x + 14} {top + 420} {x + 17} {top + 560} {x + 24} {top + 690} Q{x} {top + 720} {x - 24} {top + 690} C{x - 17} {top + 560} {x - 14} {top + 420} {x - 22} {top + 240}z"
    both = head + " " + handle
    c.add(group(path(both), fill="#241608", opacity=0.5, filter=c.blur(11), transform="translate(20 16)"))
    c.wood(path(head) + path(handle), dark=dark, light=light, upright=True, seed=seed)
    c.add(path(head, fill=c.round_shading(strength=0.75)), path(handle, fill=c.round_shading(strength=0.9)))
    if not flat:
        hollow = ellipse(x - 3, top + 104, w * 0.66, 84)
        c.add(
            ellipse(
                x - 3,
                top + 104,
                w * 0.66,
                84,
                fill=c.linear([(0, "#1c0e04", 0.62), (0.5, "#1c0e04", 0.15), (1, "#fff3dc", 0.5)], x2=1, y2=0.55),
            )
        )
        c.texture(hollow, "0.02 0.006", strength=0.4, seed=seed)


def spoons() -> Canvas:
    c = Canvas()
    c.add(f'<rect width="880" height="1100" fill="{c.linear([(0, "#b9ab95"), (1, "#8d7d66")], x2=0.6, y2=1)}"/>')
    c.texture('<rect width="880" height="1100"/>', "0.09 0.005", strength=0.4, seed=4)
    cloth = "M70 90 L800 60 L826 1030 L56 1046z"
    c.add(group(path(cloth), fill="#2a1c0e", opacity=0.45, filter=c.blur(18), transform="translate(14 16)"))
    c.weave(path(cloth), warp="#efe8da", weft="#dfd4c0", size=7, angle=1)
    c.add(path("M92 90 L116 1044 M122 89 L146 1043", stroke="#5d7f95", stroke_width=9, opacity=0.65, fill="none"))
    c.add(path("M770 61 L794 1032 M742 62 L766 1033", stroke="#5d7f95", stroke_width=9, opacity=0.65, fill="none"))
    c.texture(path(cloth), "0.006 0.003", strength=0.6, seed=3, octaves=2)
    _spoon(c, 255, 190, dark="#7c4f26", light="#d2a062", width=84, seed=3)
    _spoon(c, 445, 150, dark="#5f3219", light="#b9764a", width=70, seed=9)
    _spoon(c, 630, 200, dark="#8a6531", light="#dfbc7d", width=74, seed=15, flat=True)
    c.finish()
    return c


def board_on(c: Canvas) -> None:
    outline = "M250 330 Q250 300 282 300 L380 300 C404 300 398 250 398 214 Q398 160 440 160 Q482 160 482 214 C482 250 476 300 500 300 L598 300 Q630 300 630 330 L630 880 Q630 912 598 912 L282 912 Q250 912 250 880z"
    c.shadow(450, 912, 190, 20)
    c.add(group(path(outline), fill="#241608", opacity=0.5, filter=c.blur(20), transform="translate(34 14)"))
    c.add(path(outline, fill="#6f4a26", transform="translate(9 5)"))
    c.wood(path(outline), dark="#a57544", light="#e3bd84", upright=True, seed=21)
    c.add(path(outline, fill=c.linear([(0, "#fff4dd", 0.35), (0.5, "#fff4dd", 0), (1, "#1c0e04", 0.35)], x2=1, y2=0.5)))
    c.add(path(outline, fill="none", stroke="#fff0d2", stroke_opacity=0.55, stroke_width=4))
    c.add(ellipse(440, 218, 19, 19, fill="#6b5a45"), ellipse(437, 215, 17, 17, fill="#3a2716"))
    c.add(
        path(
            "M440 214 C402 150 404 96 440 74 C476 96 478 150 444 212",
            fill="none",
            stroke="#6e3f20",
            stroke_width=9,
            stroke_linecap="round",
        )
    )
    c.add(
        path(
            "M440 214 C402 150 404 96 440 74",
            fill="none",
            stroke="#b77a4c",
            stroke_width=3,
            stroke_linecap="round",
            opacity=0.8,
        )
    )
    c.add(ellipse(440, 72, 9, 9, fill="#47403a"))


def board() -> Canvas:
    c = _scene(7, horizon=0.76)
    board_on(c)
    c.finish()
    return c


def bowl_on(c: Canvas) -> None:
    c.shadow(440, 862, 130, 24, reach=1.6)
    outline = "M92 600 C110 720 210 820 330 848 L344 868 L536 868 L550 848 C670 820 770 720 788 600z"
    c.wood(path(outline), dark="#2f1a0d", light="#8a5a36", seed=6)
    c.add(
        path(
            "M560 838 C690 800 776 700 788 600 L742 612 C724 700 660 790 560 838z",
            fill="#e2c79a",
            opacity=0.75,
            filter=c.blur(5),
        )
    )
    c.add(path(outline, fill=c.round_shading(strength=0.9)))
    c.add(ellipse(440, 600, 348, 96, fill="#6b4226"))
    inside = ellipse(440, 604, 332, 86)
    c.wood(inside, dark="#3a2011", light="#9a683f", seed=12)
    c.add(
        path(
            "M700 560 C770 584 784 614 742 642 C720 652 700 620 700 560z",
            fill="#e8cfa4",
            opacity=0.75,
            filter=c.blur(6),
        )
    )
    c.add(
        ellipse(
            440,
            604,
            332,
            86,
            fill=c.linear([(0, "#140803", 0.62), (0.45, "#140803", 0.18), (1, "#fff0d6", 0.32)], x2=0.7, y2=0.7),
        )
    )
    for r in (0.78, 0.56, 0.34):
        c.add(ellipse(440, 612, 332 * r, 86 * r, fill="none", stroke="#1f0f06", stroke_opacity=0.28, stroke_width=3))
    c.add(ellipse(440, 600, 346, 95, fill="none", stroke="#d7a672", stroke_opacity=0.8, stroke_width=4))


def bowl() -> Canvas:
    c = _scene(11)
    bowl_on(c)
    c.finish()
    return c


def stool_on(c: Canvas) -> None:
    c.add(ellipse(500, 958, 260, 40, fill="#241608", opacity=0.4, filter=c.blur(24)))
    for foot, top, light in ((470, 452, "#d3b486"), (238, 330, "#e6cb9e"), (672, 560, "#dabd90")):
        bottom = 930 if foot == 470 else 974
        leg = f"M{top - 21} 430 L{top + 21} 430 L{foot + 17} {bottom} Q{foot} {bottom + 12} {foot - 17} {bottom}z"
        c.add(ellipse(foot + 12, bottom, 34, 9, fill="#1d0f05", opacity=0.6, filter=c.blur(5)))
        c.wood(path(leg), dark="#b08a58", light=light, upright=True, seed=foot)
        c.add(path(leg, fill=c.round_shading(strength=0.95)))
    side = "M186 372 L186 414 C186 480 694 480 694 414 L694 372z"
    c.wood(path(side), dark="#a37c4a", light="#dcc093", seed=30)
    c.add(path(side, fill=c.round_shading(strength=0.9)))
    seat = ellipse(440, 372, 254, 72)
    c.wood(seat, dark="#bb9562", light="#f0dab2", seed=33)
    c.add(
        ellipse(
            440,
            380,
            190,
            44,
            fill=c.linear([(0, "#2a1808", 0.42), (0.5, "#2a1808", 0.08), (1, "#fff6e2", 0.5)], x2=0.7, y2=0.7),
            filter=c.blur(6),
        )
    )
    c.add(ellipse(440, 372, 253, 71, fill="none", stroke="#fff3da", stroke_opacity=0.75, stroke_width=4))
    for x, y in ((318, 360), (446, 332), (572, 364)):
        c.add(
            ellipse(x, y, 22, 8, fill="#8d6536"), path(f"M{x - 17} {y} L{x + 17} {y}", stroke="#3f240f", stroke_width=4)
        )


def stool() -> Canvas:
    c = _scene(15, horizon=0.70)
    stool_on(c)
    c.finish()
    return c
