"""Diagrams as a person touches them: by keyboard and by pointer, in both themes, in a small window and twice as large."""

import re

import nbformat
import pytest
from browser import lab

SHOWN = ("rnn.chain(T=5, t=5)", "charlm.slide()", "bptt.graph()", "bptt.paths()", "lstm.colour()",
         "lstm.grow(cell='lstm', way='backward')")  # fmt: skip
FOCUSED = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
IDS = "all => all.map(part => part.dataset.id)"
SHADES = "all => all.map(one => [one.dataset.id, Number(one.style.getPropertyValue('--shade'))])"
SENT = """() => {
  window.sent = [];
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.anyMessage.connect((_, one) => {
    if (one.direction === 'send') window.sent.push([one.msg.header.msg_type, JSON.stringify(one.msg.content).slice(0, 300)]);
  });
}"""
COLOURS = """one => [getComputedStyle(one).fill,
  getComputedStyle(one.closest('.lecture-diagram')).getPropertyValue('--l-paper')]"""
ANIMATED = """() => {
  window.ran = [];
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (...all) {
    window.ran.push([this.dataset.id ?? this.getAttribute('fill'), all[0].transform]);
    return animate.apply(this, all);
  };
}"""
PLACE = """one => {
  const here = one.getBoundingClientRect(), all = one.ownerSVGElement.getBoundingClientRect();
  const unit = one.ownerSVGElement.viewBox.baseVal.width / all.width;
  return [(here.x - all.x) * unit, (here.y - all.y) * unit];
}"""
SEEN = "one => getComputedStyle(one).display !== 'none'"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A JupyterLab with one notebook that shows the diagrams."""
    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    calls = [f"from lecture_utils import chapters\nchapters.{call}" for call in SHOWN]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(call) for call in calls])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, home / "notebooks" / "diagrams.ipynb")
    with lab.serve(home) as address:
        yield address


@pytest.fixture
def opened(visit):
    """(the Visit, a function that gives the explorer of a name)."""
    one = visit("diagrams.ipynb")
    one.run_all()
    panels = one.page.locator(".lecture-explorer").all()
    return one, {call.partition("(")[0]: panel for call, panel in zip(SHOWN, panels, strict=True)}


def part(explorer, id):
    return explorer.locator(f'[data-id="{id}"]').first


def text_of(explorer, selector=".lecture-formula"):
    return explorer.locator(selector).inner_text()


def test_diagrams_by_keyboard_and_pointer(opened):
    visit, panels = opened
    page, chain, slide, paths = visit.page, panels["rnn.chain"], panels["charlm.slide"], panels["bptt.paths"]

    # one Tab stop; arrow keys go from part to part, each says its name and its number; Enter explains, Escape ends it
    stops = chain.locator(".lecture-diagram svg [tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    seen = [page.evaluate(FOCUSED)]
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
        seen.append(page.evaluate(FOCUSED))
    assert len(set(seen)) >= 4 and all(re.fullmatch(r"W\[\d, \d\] = −?\d\.\d", said) for said in seen), seen
    part(chain, "h_2.1").focus()
    page.keyboard.press("Enter")
    assert text_of(chain).startswith("h₂[1] = tanh((−0.5) · 0.00 + 0.4 · 0.76 + 0.6 · (−0.46)) = 0.03")
    assert part(chain, "h_2.1").get_attribute("class") == "lit"
    sources = set(chain.locator(".source").evaluate_all(IDS))
    assert {"W_2.1.0", "x_2", "h_1.0", "h_1.1"} <= sources
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.dataset.id") == "h_2.1"

    # what h_4 depends on is shaded by the size of the derivative, and said
    part(chain, "h_4.0").click()
    shaded = chain.locator(".shaded").evaluate_all(SHADES)
    assert dict(shaded).keys() == {"h_1", "h_2", "h_3", "x_1", "x_2", "x_3", "x_4"}
    assert dict(shaded)["h_3"] > dict(shaded)["h_1"] and "h₃ 0.98" in text_of(chain)

    # a size lights up every axis that has it
    part(slide, "V").hover()
    lit = slide.locator("svg path.lit").evaluate_all(
        "all => all.map(one => [one.dataset.id, getComputedStyle(one).strokeOpacity])"
    )
    assert sorted(lit) == [[f"{name}_{t}|0", "1"] for name in "pxy" for t in (1, 2, 3, 4)]

    # W is one: its copies light up together; hover needs no word from the kernel
    page.wait_for_timeout(500)  # what the click above has sent is on its way
    page.evaluate(SENT)
    part(chain, "W_3.0.1").hover()
    lit = set(chain.locator(".lit").evaluate_all(IDS))
    assert {"W.0.1", *(f"W_{t}.0.1" for t in range(1, 6))} <= lit

    # the pass is played by the page alone; arrow keys take it step by step
    player = chain.locator(".lecture-player button")
    player.nth(2).focus()
    hidden = "all => all.filter(one => getComputedStyle(one).display === 'none').length"
    page.keyboard.press("ArrowRight")
    assert part(chain, "x_1").is_visible() and not part(chain, "h_1").is_visible()
    page.keyboard.press("ArrowRight")
    assert part(chain, "h_1").is_visible() and not part(chain, "h_2").is_visible()
    assert "h₁[0] = tanh(" in text_of(chain)
    page.keyboard.press("ArrowLeft")
    assert not part(chain, "h_1").is_visible()
    player.nth(0).click()
    page.wait_for_function(SEEN, arg=part(chain, "now_5").element_handle())  # the end
    player.nth(3).click()
    assert (
        chain.locator("svg [data-when]").evaluate_all(hidden) <= 4 + 10
    )  # the frames of other steps, the second sequence
    assert page.evaluate("() => window.sent") == []

    # a click sets a control; scissors cut, and a click mends
    part(paths, "loss_6").click()
    visit.until(
        lambda: "From step 6" in text_of(paths, ".lecture-caption >> nth=-1"), "a click on L₆ does not ask for it"
    )
    for words in ("uncut it is", "Nothing is cut"):
        part(paths, "cut_3").focus()
        page.keyboard.press("Enter")
        visit.until(lambda words=words: words in text_of(paths, ".lecture-caption >> nth=-1"), f"scissors: {words}")

    # from level to level a part glides from where it stood; a click on a column opens its step
    page.evaluate(ANIMATED)
    before = part(chain, "h_5").evaluate(PLACE)
    chain.locator("select").select_option(label="one step with its formula")
    page.wait_for_function("() => window.ran.length")
    page.wait_for_timeout(500)  # until all stands
    ran, after = dict(page.evaluate("() => window.ran")), part(chain, "h_5").evaluate(PLACE)
    moved = [float(pixels) for pixels in re.findall(r"(-?[\d.]+)px", ran["h_5"][0])]
    assert moved == pytest.approx([before[0] - after[0], before[1] - after[1]], abs=1) and moved[0] > 50
    assert {"W_5", "x_5", "h_4", "h_5"} <= set(ran) and not {"h_5.0", "W_5.0.0"} & set(ran) and "now_5" not in ran
    part(panels["lstm.grow"], "x_6").click()
    visit.until(
        lambda: "step 6" in text_of(panels["lstm.grow"], ".lecture-caption >> nth=-1"), "x₆ does not open step 6"
    )

    # a slider moves numbers in place: the parts are the same elements as before
    slide.evaluate("place => { place.querySelector('[data-id=\"h_1.0\"]').mark = true; }")
    before = part(slide, "h_1.0").text_content()
    slide.locator(".noUi-handle").nth(1).focus()
    page.keyboard.press("ArrowRight")
    visit.until(lambda: part(slide, "h_1.0").text_content() != before, "updates do not move the slide's numbers")
    assert part(slide, "h_1.0").evaluate("one => one.mark") is True
    assert visit.complaints == [] and visit.stayed_here()


@pytest.mark.parametrize(("width", "zoom"), [(1024, 1), (1366, 2)])
def test_a_diagram_fits_a_small_window_and_is_readable_in_both_themes(opened, width, zoom):
    visit, panels = opened
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.page.evaluate("zoom => { document.body.style.zoom = zoom; }", zoom)
    for theme in ("Light", "Dark"):
        visit.theme(theme)
        for name, explorer in panels.items():
            explorer.scroll_into_view_if_needed()
            svg = explorer.locator(".lecture-diagram svg")
            inner, outer = svg.bounding_box(), explorer.bounding_box()
            assert inner["x"] >= outer["x"] - 1 and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1, name
            ink, paper = svg.locator("text").first.evaluate(COLOURS)
            dark = sum(map(int, re.findall(r"\d+", ink)[:3])) > 3 * 128
            assert dark == (theme == "Dark") and paper.strip() == ("#111111" if dark else "#FFFFFF")


def test_pulses_have_their_arrows_colour_and_reduced_motion_is_respected(opened):
    visit, panels = opened
    graph = panels["bptt.graph"]
    visit.page.evaluate(ANIMATED)
    graph.locator(".lecture-player button").first.click()
    visit.page.wait_for_function(SEEN, arg=part(graph, "h_1").element_handle())
    graph.locator(".lecture-player button").nth(3).click()
    ran = visit.page.evaluate("() => window.ran.splice(0)")
    colours = {colour for colour, _ in ran}
    assert {"var(--l-green)", "var(--l-blue)"} <= colours and None not in colours
    visit.page.emulate_media(reduced_motion="reduce")
    graph.locator(".lecture-player button").first.click()
    visit.page.wait_for_function(SEEN, arg=part(graph, "da_1").element_handle())
    panels["rnn.chain"].locator("select").select_option(label="folded")
    part(panels["rnn.chain"], "W_5").wait_for(state="detached")
    assert visit.page.evaluate("() => window.ran") == []
