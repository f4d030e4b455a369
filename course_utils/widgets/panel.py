"""A calculator as widgets: sliders, typed values, presets, export. All it shows comes from ``views``."""

from __future__ import annotations

import sys
from bisect import bisect_left
from html import escape
from typing import TYPE_CHECKING, Any

from course_utils.costs.formats import count
from course_utils.costs.inputs import Inputs, to_csv, to_markdown
from course_utils.costs.presets import matching
from course_utils.costs.quantities import quantity
from course_utils.paths import shown, work_dir
from course_utils.widgets.views import Knob, Rendering, View, paragraph

if TYPE_CHECKING:
    from ipywidgets import Widget

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
LABEL = "18em"  # room for the longest
OWN = "your own values"
# Where the steps of a slider fall between 1 and 10: round numbers, close enough for a smooth movement.
MANTISSAS = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.3, 3.6, 4, 4.5, 5)
MANTISSAS += (5.5, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5)


def stops(knob: Knob) -> list[float]:
    """The values that a slider can take, in order. Whole numbers where the quantity is whole."""
    whole = quantity(knob.name).whole
    if knob.step is not None:
        steps = round((knob.high - knob.low) / knob.step)
        values = [round(knob.low + i * knob.step, 10) for i in range(steps + 1)]
    else:
        tens = [10.0**e for e in range(-8, 10)]
        values = [float(f"{m * ten:.2g}") for ten in tens for m in MANTISSAS]
        values = [v for v in values if knob.low <= v <= knob.high]
    if whole:
        values = sorted({round(v) for v in values})
    return [0, *values] if knob.zero else values


def nearest(values: list[float], value: float) -> int:
    """The index of the value closest to ``value`` in an ascending list."""
    after = min(bisect_left(values, value), len(values) - 1)
    before = max(after - 1, 0)
    return before if value - values[before] < values[after] - value else after


class Panel:
    """An interactive calculator. ``inputs`` and ``rendering`` are what it shows now; ``set`` moves it.

    In a notebook without widgets (GitHub, nbviewer) its default state shows as a picture and a table.
    """

    def __init__(self, view: View, inputs: Inputs | None = None) -> None:
        self.view = view
        self.inputs = inputs or view.default
        self.rendering: Rendering = view.render(self.inputs)
        self._quiet = False  # while the panel itself moves its controls
        self._build()
        self._show()

    # --- using it from code ---------------------------------------------------------------------------

    def set(self, **values: Any) -> None:
        """Change some inputs, as moving their controls does. ValueError for a value that makes no sense."""
        self._take(self.inputs.changed(**values))

    def use(self, preset: str) -> None:
        """Take a preset by its name, or a preset string that somebody shared."""
        named = self.view.presets()
        self._take(named[preset] if preset in named else type(self.inputs).parse(preset))

    def markdown(self) -> str:
        """The scenario as a Markdown page."""
        return to_markdown(self.view.title, self.inputs, self.rendering.table)

    def csv(self) -> str:
        """The scenario as CSV."""
        return to_csv(self.inputs, self.rendering.table)

    def save(self, kind: str, lesson: str = "06") -> str:
        """Write the scenario into the lesson's work folder, "md" or "csv"; the path as a learner reads it."""
        made = {"md": self.markdown, "csv": self.csv}
        if kind not in made:
            raise ValueError(f"kind must be one of {sorted(made)}, not {kind!r}.")
        file = work_dir(lesson) / f"{self.view.key}.{kind}"
        file.write_text(made[kind](), encoding="utf-8")
        return shown(file)

    # --- widgets --------------------------------------------------------------------------------------

    def _build(self) -> None:
        import ipywidgets as w

        self.sliders: dict[str, Widget] = {}
        self.boxes: dict[str, Widget] = {}
        self.menus: dict[str, Widget] = {}
        self._stops = {knob.name: stops(knob) for knob in self.view.knobs}
        wide = {"description_width": LABEL}
        rows = []
        for name in self.view.choices:
            about = self.inputs.entry(name).metadata
            options = [(about["named"].get(option, option), option) for option in about["options"]]
            menu = w.Dropdown(description=self.inputs.label(name), options=options, style=wide)
            menu.layout.width = "36em"
            menu.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
            self.menus[name] = menu
            rows.append(menu)
        for knob in self.view.knobs:
            rows.append(self._row(w, knob, wide))
        named = [OWN, *self.view.presets()]
        self.preset_menu = w.Dropdown(description="start from", options=named, style=wide)
        self.preset_menu.layout.width = "40em"
        self.preset_menu.observe(self._preset_chosen, "value")
        self.preset_text = w.Text(description="preset to share", continuous_update=False, style=wide)
        self.preset_text.layout.width = "auto"  # as wide as the panel, margins counted
        _name(self.preset_text, "copy this line to share your values; paste one and press Enter to use it")
        self.preset_text.observe(self._preset_typed, "value")
        save_markdown, save_csv = (w.Button(description=f"Save as {kind}") for kind in ("Markdown", "CSV"))
        save_markdown.on_click(lambda _: self._saved("md"))
        save_csv.on_click(lambda _: self._saved("csv"))
        self.message, self.answer, self.chart, self.numbers, self.saved = (w.HTML() for _ in range(5))
        title, question = escape(self.view.title), escape(self.view.question)
        head = w.HTML(f"<h4 style='margin:8px 0 0'>{title}</h4>{paragraph(question)}")
        page = w.Layout(max_width="960px")
        # The picture stands above the sliders: whoever moves one sees both.
        controls = [head, self.preset_menu, self.answer, self.chart, self.message, *rows]
        sharing = [self.numbers, self.preset_text, w.HBox([save_markdown, save_csv, self.saved])]
        self.top = w.VBox(controls, layout=page)
        self.bottom = w.VBox(sharing, layout=page)

    def _row(self, w: Any, knob: Knob, style: dict[str, str]) -> Widget:
        label, unit = self.inputs.label(knob.name), quantity(knob.name).unit
        options = [(count(value), i) for i, value in enumerate(self._stops[knob.name])]
        slider = w.SelectionSlider(description=label, options=options, readout=False, style=style)
        slider.layout.width = "40em"
        box = w.FloatText(layout=w.Layout(width="8em", margin="2px 4px 2px 14px"))
        name = label if label == unit else f"{label}, {unit}"
        _name(slider, name)
        _name(box, f"{name}: type a value")
        slider.observe(lambda change: self._moved(knob.name, self._stops[knob.name][change["new"]]), "value")
        box.observe(lambda change: self._moved(knob.name, change["new"]), "value")
        self.sliders[knob.name], self.boxes[knob.name] = slider, box
        said = w.Label("" if label == unit else unit)
        return w.HBox([slider, box, said], layout=w.Layout(flex_flow="row wrap"))

    # --- events ---------------------------------------------------------------------------------------

    def _moved(self, name: str, value: Any) -> None:
        if not self._quiet:
            self._attempt(lambda: self._take(self.inputs.changed(**{name: value})))

    def _preset_chosen(self, change: dict[str, Any]) -> None:
        if not self._quiet and change["new"] != OWN:
            self._attempt(lambda: self.use(change["new"]))

    def _preset_typed(self, change: dict[str, Any]) -> None:
        if not self._quiet and change["new"].strip():
            self._attempt(lambda: self._take(type(self.inputs).parse(change["new"])))

    def _saved(self, kind: str) -> None:
        path = self.save(kind)
        self.saved.value = f"<span role='status'>Saved: <code>{escape(path)}</code></span>"

    def _attempt(self, action: Any) -> None:
        """Do it; when the value makes no sense say so and keep the last picture."""
        try:
            action()
        except ValueError as problem:
            self.message.value = paragraph(f"<b>✘ {escape(str(problem))}</b>", role="alert")

    def _take(self, inputs: Inputs) -> None:
        rendering = self.view.render(inputs)  # before anything changes: it may refuse
        self.inputs, self.rendering = inputs, rendering
        self._show()

    def _show(self) -> None:
        """Bring every control and every output in line with ``inputs``."""
        self._quiet = True
        try:
            for name, menu in self.menus.items():
                menu.value = getattr(self.inputs, name)
            for name, slider in self.sliders.items():
                value = getattr(self.inputs, name)
                slider.value = nearest(self._stops[name], value)
                self.boxes[name].value = value
            self.preset_menu.value = matching(self.view.presets(), self.inputs) or OWN
            self.preset_text.value = self.inputs.share()
        finally:
            self._quiet = False
        self.message.value = ""
        self.answer.value = paragraph(f"<b>{escape(self.rendering.answer)}</b>", role="status")
        self.chart.value = self.rendering.svg
        self.numbers.value = self.rendering.html()

    # --- showing it -----------------------------------------------------------------------------------

    def bundles(self) -> list[dict[str, Any]]:
        """Two outputs, each with its static twin: controls and chart, or a picture; the numbers, or a table.

        A live notebook shows the widget of each, a reader of stored outputs the other one.
        """
        pairs = [
            (self.top, {"image/svg+xml": self.rendering.svg, "text/plain": self.rendering.answer}),
            (self.bottom, {"text/markdown": self.rendering.markdown(), "text/plain": self.rendering.answer}),
        ]
        if "google.colab" in sys.modules:  # its front end may prefer the picture: give it the widget alone
            pairs = [(widget, {"text/plain": static["text/plain"]}) for widget, static in pairs]
        return [_view_of(widget) | static for widget, static in pairs]

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        for bundle in self.bundles():
            publish_display_data(bundle)


def _view_of(widget: Widget) -> dict[str, Any]:
    """The widget's own entry in an output, without its text."""
    if hasattr(widget, "_repr_mimebundle_"):
        bundle = widget._repr_mimebundle_()
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {WIDGET_VIEW: bundle[WIDGET_VIEW]}
    return {WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}}


def _name(widget: Widget, text: str) -> None:
    """Give a control the name that a screen reader says; ipywidgets 7 and 8 call it differently."""
    setattr(widget, "tooltip" if widget.has_trait("tooltip") else "description_tooltip", text)
