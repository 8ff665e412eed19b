"""The trend chart of a headline indicator: total by month, with its interval. Altair, drawn as SVG."""

import json
from collections.abc import Sequence

from reports.charts.geometry import DRAWN, axis_top
from reports.edition import Result

FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC',sans-serif"
INK, ACCENT, RULE = "#3c4655", "#1f4e79", "#e3e6ea"


def trend_specification(months: Sequence[str], results: Sequence[Result | None], unit: str) -> dict[str, object]:
    """The Vega-Lite specification, the same for the same results.

    Months without a value break the line and are drawn as a cross at the foot; a small sample is
    a hollow point.
    """
    import altair as alt

    rows = []
    run = 0
    for month, result in zip(months, results, strict=True):
        shown = result is not None and result.status in DRAWN and result.value is not None
        if shown and result is not None:
            rows.append({"month": month, "value": result.value, "lower": result.lower, "upper": result.upper,
                         "run": run, "fill": "#ffffff" if result.status == "small" else ACCENT})  # fmt: skip
        else:
            run += 1
            rows.append({"month": month, "value": None, "lower": None, "upper": None, "run": run, "fill": None})
    top = axis_top(results, unit)
    x = alt.X(
        "month:O",
        axis=alt.Axis(title=None, labelAngle=0, values=[months[0], months[len(months) // 2], months[-1]], grid=False),
        sort=list(months),
        scale=alt.Scale(padding=0.3),
    )
    axis = alt.Axis(title=None, tickCount=3, format="%" if unit == "share" else "~g", domain=False, ticks=False)
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[0, top], clamp=True))
    base = alt.Chart(alt.Data(values=rows))
    drawn = base.transform_filter("datum.value !== null")
    band = drawn.transform_filter("datum.lower !== null").mark_area(color=ACCENT, opacity=0.13).encode(
        x=x, y=alt.Y("lower:Q", axis=axis), y2="upper:Q", detail="run:N"
    )  # fmt: skip
    line = drawn.mark_line(color=ACCENT, strokeWidth=1.8).encode(x=x, y=y, detail="run:N")
    points = drawn.mark_point(filled=True, size=26, opacity=1, stroke=ACCENT, strokeWidth=1.4).encode(
        x=x, y=y, fill=alt.Fill("fill:N", scale=None)
    )
    gaps = base.transform_filter("datum.value === null").mark_text(text="×", color=INK, baseline="bottom").encode(
        x=x, y=alt.datum(0)
    )  # fmt: skip
    layers = (band, line, points, gaps)
    chart = (
        alt.layer(*layers)
        .properties(width=300, height=104)
        .configure(font=FONT, background="transparent")
        .configure_axis(labelColor=INK, labelFontSize=11, gridColor=RULE, domainColor="#aab2bd", tickColor="#aab2bd")
        .configure_view(stroke=None)
    )
    specification: dict[str, object] = chart.to_dict()
    return specification


def draw(specification: dict[str, object]) -> str:
    """The chart as an `svg` element that scales with its place; nothing is fetched."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(json.dumps(specification, sort_keys=True), vl_version="6.4"))
