"""How the pages look: system fonts (no other host is asked for one), calm greys and blues, and a colour per attitude.

The attitude colours are those of the boxes in marked pictures. A colour never stands alone: each bar carries its name and its
number.
"""

import gradio as gr

from inference.annotate import OKABE_ITO

PALETTE = OKABE_ITO
"""Bar colours by class index; later classes start again, told apart by their names."""

_FONT = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Hiragino Sans",
    "Noto Sans JP",
    "Noto Sans CJK JP",
    "Meiryo",
    "sans-serif",
)
_FONT_MONO = ("ui-monospace", "SFMono-Regular", "Consolas", "Menlo", "monospace")


def theme() -> gr.themes.Base:
    """Gradio's Soft theme with the fonts of the machine."""
    return gr.themes.Soft(primary_hue="blue", secondary_hue="sky", neutral_hue="slate", font=_FONT, font_mono=_FONT_MONO).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_shadow="none",
        block_border_width="1px",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        color_accent="*primary_600",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_700",
        button_secondary_background_fill_hover_dark="*neutral_500",
        link_text_color="*primary_700",
        link_text_color_hover="*primary_800",
        link_text_color_active="*primary_700",
        link_text_color_visited="*primary_700",
        link_text_color_dark="*primary_300",
        link_text_color_hover_dark="*primary_200",
        link_text_color_active_dark="*primary_300",
        link_text_color_visited_dark="*primary_300",
        checkbox_border_color="*neutral_500",
        checkbox_border_color_dark="*neutral_400",
        input_border_width="1px",
        input_border_color="*neutral_400",
        input_border_color_dark="*neutral_500",
        checkbox_label_background_fill_selected="*primary_600",
        checkbox_background_color_selected="*primary_700",
        block_title_text_color="*body_text_color",
        block_label_text_color="*neutral_700",
        block_label_background_fill="*neutral_100",
        block_label_text_color_dark="*neutral_100",
        block_label_background_fill_dark="*neutral_700",
    )


CSS = """
.gradio-container { width: 100%; max-width: 1180px !important; margin: 0 auto !important; padding: 0 12px !important; }
.gradio-container main { width: 100%; }
.taido .html-container, .html-container:has(> .taido) { padding: 0 !important; }
.dark { --color-accent: var(--primary-400); }
footer .divider:last-child { display: none; }
.taido-header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 14px; padding: 18px 2px 4px; }
.taido-header h1 { margin: 0; font-size: 1.55rem; font-weight: 700; letter-spacing: .01em; color: var(--body-text-color); }
.taido-header h1 span { font-weight: 500; }
.taido-header p { margin: 0; font-size: .98rem; color: var(--body-text-color-subdued); }
.taido-room { min-height: 56px; }
#model-card table, #finder-card table { display: block; overflow-x: auto; }
#model-card :is(th, td), #finder-card :is(th, td) { overflow-wrap: normal; word-break: normal; }
#model-card td, #finder-card td { min-width: 5em; }
.taido-notice { margin: 0; padding: 10px 14px; border-left: 4px solid #e69f00; border-radius: var(--block-radius);
  background: var(--block-background-fill); color: var(--body-text-color); font-size: .95rem; line-height: 1.5; }
.taido-note, .taido-note * { color: var(--body-text-color-subdued); font-size: .93rem; line-height: 1.55; }
.taido-card { background: var(--block-background-fill); border: 1px solid var(--block-border-color);
  border-radius: var(--block-radius); padding: 16px 18px; color: var(--body-text-color); }
.taido-card + .taido-card { margin-top: 12px; }
.taido-card h2, .taido-card h3 { margin: 0 0 10px; font-size: 1rem; font-weight: 600; color: var(--body-text-color); }
.taido-card .aside { float: right; font-weight: 400; color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.taido-card p { margin: 0; color: var(--body-text-color); }
.taido-bars + p.quiet { margin-top: 10px; }
.taido-card p.quiet { color: var(--body-text-color-subdued); font-size: .93rem; font-variant-numeric: tabular-nums; }
.taido-card p.taido-now { display: grid; align-items: center; min-height: 7.6rem; margin: 0 0 10px; }
.taido-now strong { font-size: clamp(2.3rem, 4.1vw, 3.25rem); line-height: 1.15; text-wrap: balance; font-weight: 700;
  overflow-wrap: anywhere; }
.taido-bars { display: grid; grid-template-columns: minmax(7.5em, max-content) 1fr minmax(4.6em, max-content); gap: 9px 12px;
  align-items: center; margin: 0; padding: 0; list-style: none; }
.taido-bars .row { display: contents; }
.taido-bars .name { color: var(--body-text-color); overflow-wrap: anywhere; line-height: 1.3; }
.taido-bars .track { height: 16px; border-radius: 4px; background: var(--border-color-primary); overflow: hidden; }
.taido-bars .fill { height: 100%; border-radius: 4px; min-width: 0; transition: width .15s linear; }
.taido-bars .value { text-align: right; color: var(--body-text-color); font-variant-numeric: tabular-nums; white-space: nowrap; }
.taido-problems { border-left: 4px solid #d55e00; }
.taido-problems ul { margin: 0; padding-left: 1.2em; }
.taido-problems li { margin: 4px 0; color: var(--body-text-color); overflow-wrap: anywhere; }
.taido-facts { width: 100%; border-collapse: collapse; margin: 0; }
.taido-facts th, .taido-facts td { text-align: left; vertical-align: top; padding: 7px 10px 7px 0; border: 0;
  border-bottom: 1px solid var(--border-color-primary); color: var(--body-text-color); overflow-wrap: anywhere; }
.taido-facts th { width: 34%; font-weight: 500; color: var(--body-text-color-subdued); }
.taido-facts tr:last-child th, .taido-facts tr:last-child td { border-bottom: 0; }
#photos-gallery .gallery-container, #photos-gallery .grid-wrap { height: auto; min-height: 0; }
#photos-gallery .grid-wrap { max-height: 72vh; }
#photos-gallery .grid-container { grid-template-columns: repeat(auto-fill, minmax(215px, 1fr)); padding-top: 0; }
#photos-gallery .caption-label { position: static; white-space: normal; max-width: none; max-height: none; margin: 0;
  padding: 6px 10px; border: 0; box-shadow: none; text-align: left; font-size: .86rem; }
#photos-gallery .preview caption { white-space: normal; font-size: .82rem; line-height: 1.2; padding-block: 2px; }
#photos-gallery.taido-rooms .grid-wrap { max-height: 92vh; }
#photos-gallery.taido-rooms .grid-container { grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr));
  grid-template-rows: none; grid-auto-rows: auto; align-items: start; }
#photos-gallery :is(.gallery-item, .thumbnail-lg) { aspect-ratio: auto; height: auto; }
#photos-gallery .thumbnail-lg > img { height: auto; aspect-ratio: 1; }
#photos-gallery.taido-rooms .thumbnail-lg > img { aspect-ratio: auto; }
label:has(> input:is([type="radio"], [type="checkbox"]):focus-visible) { outline: 3px solid var(--color-accent);
  outline-offset: 2px; }
label:has(> input[type="radio"]:disabled) { opacity: .5; }
.taido-marked { display: block; width: 100%; max-height: 82vh; object-fit: contain; border-radius: var(--block-radius); }
.taido-marked.old { opacity: .45; }
.taido-figure { position: relative; margin: 0; }
.taido-figure figcaption { position: absolute; left: 50%; top: 50%; transform: translate(-50%, -50%); padding: 8px 16px;
  border-radius: 8px; background: #111827; color: #ffffff; font-size: 1.35rem; font-weight: 600; text-align: center; }
.taido-no-picture { display: grid; place-items: center; aspect-ratio: 16 / 9; padding: 16px; text-align: center;
  border: 1px dashed var(--border-color-primary); border-radius: var(--block-radius); background: var(--block-background-fill); }
.taido-no-picture p { color: var(--body-text-color-subdued); }
.taido-no-picture.taido-consent p, #live-consent * { font-size: 1.1rem; line-height: 1.5; color: var(--body-text-color); }
.taido-no-picture.taido-consent, #live-consent { border-left: 4px solid #0072b2; }
#live-consent { padding: 4px 14px; }
.taido-pictures:has(#live-marked img) #live-camera { height: 190px !important; }
.block.taido:has(.html-container > .taido:empty) { display: none; }
.taido-live:has(.taido-counts, .taido-now) :is(#live-start-note, #live-consent) { display: none; }
.taido-live .swatch, .taido-legend .swatch, .taido-means .swatch { flex: none; display: inline-block; width: .72em; height: .72em;
  border-radius: 3px; margin-right: .5em; }
.taido-counts { list-style: none; margin: 0; padding: 0; }
.taido-counts li { display: flex; align-items: center; gap: 0 8px; margin: 0; border-top: 1px solid var(--border-color-primary); }
.taido-counts li:first-child { border-top: 0; }
.taido-counts .name { flex: 1; font-size: 1.55rem; font-weight: 500; line-height: 1.2; overflow-wrap: anywhere;
  color: var(--body-text-color); }
.taido-counts .share { font-size: 1.2rem; color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.taido-counts .count { min-width: 2ch; text-align: right; font-size: 4.5rem; line-height: 1.12; font-weight: 700;
  font-variant-numeric: tabular-nums; color: var(--body-text-color); }
.taido-counts .swatch { width: 1.5rem; height: 1.5rem; margin-right: .3rem; border-radius: 5px; }
.taido-counts li:last-child .count { font-size: 2.6rem; line-height: 1.3; font-weight: 600; }
.taido-counts li:last-child .name { font-size: 1.15rem; color: var(--body-text-color-subdued); }
.taido-counts + p.quiet { margin-top: 6px; }
.taido-headline { margin: 0; font-weight: 600; color: var(--body-text-color); font-variant-numeric: tabular-nums; }
.taido-headline.running::before, .taido-headline.paused::before { content: ""; display: inline-block; width: .62em; height: .62em;
  margin-right: .5em; border-radius: 50%; background: #009e73; }
.taido-headline.paused::before { border-radius: 1px; background: #e69f00; }
.taido-status { margin: 0; font-size: .93rem; color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.taido-buttons { flex-wrap: nowrap; gap: 10px; }
.taido-buttons button { min-height: 46px; min-width: 0 !important; padding-inline: 8px; }
.taido-download { display: block; padding: 10px 14px; text-align: center; font-weight: 600;
  border-radius: var(--button-large-radius); border: 1px solid var(--border-color-primary); text-decoration: none;
  background: var(--button-secondary-background-fill); color: var(--button-secondary-text-color); }
.taido-download:hover { background: var(--button-secondary-background-fill-hover); }
.taido-means, .taido-steps { width: 100%; border-collapse: collapse; margin: 0; font-variant-numeric: tabular-nums; }
.taido-means :is(th, td), .taido-steps :is(th, td) { padding: 6px 4px; border: 0;
  border-bottom: 1px solid var(--border-color-primary); text-align: right; font-weight: 400; white-space: nowrap;
  color: var(--body-text-color); }
.taido-means thead th, .taido-steps thead th { color: var(--body-text-color-subdued); font-size: .9rem; vertical-align: bottom; }
.taido-means :is(thead td, tbody th), .taido-steps :is(thead th:first-child, tbody th) { text-align: left; white-space: normal; }
.taido-means td { width: 18%; font-size: 1.1rem; }
.taido-means tbody th:has(.swatch) { padding-left: 1.5em !important; text-indent: -1.3em; }
.taido-means .swatch { text-indent: 0; }
.row > .column:has(> .block.taido:only-child .html-container > .taido:empty) { display: none; }
.taido-means td .share { display: inline-block; width: 3.1em; font-size: .86rem; color: var(--body-text-color-subdued); }
.taido-means + p.quiet { margin-top: 8px; }
.taido-steps thead th { position: sticky; top: 0; white-space: normal; background: var(--block-background-fill); }
.taido-scroll { overflow-y: auto; }
.taido-changes { list-style: none; margin: 0; padding: 0; max-height: 17em; overflow-y: auto; }
.taido-changes li { margin: 0; padding: 6px 0; border-bottom: 1px solid var(--border-color-primary); font-size: 1.05rem;
  color: var(--body-text-color); font-variant-numeric: tabular-nums; }
.taido-timeline svg { display: block; width: 100%; height: 170px; border-top: 1px dashed var(--border-color-primary);
  border-bottom: 1px solid var(--body-text-color-subdued); }
.taido-timeline rect.unseen { fill: var(--border-color-primary); }
.taido-timeline .most, .taido-timeline .times { color: var(--body-text-color-subdued); font-size: .86rem;
  font-variant-numeric: tabular-nums; }
.taido-timeline .most { min-height: 1.5em; }
.taido-timeline .times { display: flex; justify-content: space-between; margin-top: 3px; }
.taido-legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 8px 0 0; padding: 0; list-style: none; }
.taido-legend li { margin: 0; font-size: .93rem; color: var(--body-text-color); }
.taido-legend .swatch.unseen { background: var(--border-color-primary); }
.taido-legend .swatch.withheld {
  background: repeating-linear-gradient(90deg, var(--border-color-primary) 0 25%, transparent 0 50%); }
.taido-lessons { max-height: 15em; }
.taido-downloads { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 16px; }
.taido-downloads a { flex: 1 1 240px; }
#lessons-lesson .taido-card + .taido-card { margin-top: 16px; }
.taido-editor .stage { position: relative; border-radius: var(--block-radius); overflow: hidden; cursor: crosshair;
  touch-action: pinch-zoom; user-select: none; }
.taido-editor .stage img { display: block; width: 100%; }
.taido-editor .layer { position: absolute; inset: 0; }
.taido-editor .box { position: absolute; margin: 0; padding: 0; border: 2px solid #ffd166; border-radius: 3px; cursor: move;
  background: rgb(0 0 0 / .12); outline: 1px solid rgb(0 0 0 / .75); min-width: 0; touch-action: none; }
.taido-editor .mask .box { border-color: #fff; background: repeating-linear-gradient(45deg, rgb(30 30 30 / .82) 0 8px,
  rgb(70 70 70 / .82) 8px 16px); }
.taido-editor .box[aria-pressed="true"] { border-color: #fff; background: rgb(0 114 178 / .38); }
.taido-editor .box:focus-visible { outline: 3px solid #0072b2; outline-offset: 1px; }
.taido-editor .number { position: absolute; left: 2px; top: 1px; min-width: 1.5em; padding: 0 .3em; border-radius: 3px;
  background: rgb(0 0 0 / .78); color: #fff; font: 600 .86rem/1.45 var(--font); text-align: center; pointer-events: none; }
.taido-editor .box i { position: absolute; width: 14px; height: 14px; display: none; background: #fff; border: 1px solid #000;
  border-radius: 50%; }
.taido-editor .box[aria-pressed="true"] i { display: block; }
.taido-editor i[data-corner="nw"] { left: -8px; top: -8px; cursor: nwse-resize; }
.taido-editor i[data-corner="se"] { right: -8px; bottom: -8px; cursor: nwse-resize; }
.taido-editor .bar { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
.taido-editor .bar button { min-height: 40px; padding: 4px 14px; border-radius: var(--button-large-radius); cursor: pointer;
  border: 1px solid var(--border-color-primary); background: var(--button-secondary-background-fill);
  color: var(--button-secondary-text-color); }
.taido-editor .bar button:disabled { opacity: .5; cursor: default; }
.taido-editor .bar button:focus-visible { outline: 3px solid var(--color-accent); }
.taido-editor .said { margin: 8px 0 0; font-size: .93rem; color: var(--body-text-color-subdued);
  font-variant-numeric: tabular-nums; }
.taido-hold { width: 100%; min-height: 54px; border-radius: var(--button-large-radius); font-weight: 600; cursor: pointer;
  border: 1px solid var(--border-color-primary); background: var(--button-secondary-background-fill);
  color: var(--button-secondary-text-color); touch-action: none; user-select: none; }
.taido-hold[aria-pressed="true"] { background: #9d2f00; color: #fff; }
.taido-hold:focus-visible { outline: 3px solid var(--color-accent); outline-offset: 2px; }
#teach-picture .taido-marked { max-height: 420px; }
#teach-picture p.quiet { margin: 6px 2px 0; color: var(--body-text-color-subdued); font-size: .93rem; }
.taido-enough { display: grid; gap: 10px; }
.taido-enough summary { cursor: pointer; font-weight: 600; color: var(--body-text-color); }
.taido-enough summary:focus-visible { outline: 3px solid var(--color-accent); outline-offset: 2px; }
.taido-command { margin: 0; padding: 8px 12px; border-radius: 6px; font: .9rem/1.5 var(--font-mono);
  border: 1px solid var(--border-color-primary); background: var(--background-fill-primary); color: var(--body-text-color); }
.taido-command code { padding: 0; border: 0; background: none; color: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
#photos-table * { font-family: var(--font); }
@media (min-width: 1600px) {
  #live-camera { height: 540px !important; }
  .taido-counts .name { font-size: 1.9rem; }
  .taido-counts .count { font-size: 5.6rem; }
  .taido-now strong { font-size: 4.2rem; }
}
@media (prefers-reduced-motion: reduce) { .taido-bars .fill { transition: none; } }
@media (max-width: 520px) {
  .taido-header h1 { font-size: 1.3rem; }
  .taido-card { padding: 13px 12px; }
  .taido-card p.taido-now { min-height: 5.4rem; }
  .taido-now strong { font-size: 2.3rem; }
  #live-camera { height: 300px !important; }
  .taido-live:has(.taido-counts, .taido-now) > .taido-numbers { order: -1; }
  .taido-counts .name { font-size: 1.35rem; }
  .taido-counts .count { font-size: 3.6rem; }
  .taido-counts .share { font-size: 1.05rem; }
  .taido-timeline svg { height: 140px; }
  .taido-means td { width: auto; }
  .taido-means td .share { display: block; width: auto; min-height: 1.3em; }
  .taido-steps :is(th, td) { font-size: .8rem; padding: 5px 3px; }
  #photos-gallery:not(.taido-rooms) .grid-container { grid-template-columns: repeat(2, 1fr); }
  #photos-gallery .caption-label { font-size: .75rem; padding: 2px 5px; }
  .taido-bars { grid-template-columns: minmax(6.2em, max-content) 1fr minmax(4em, max-content); gap: 8px; font-size: .95rem; }
}
"""

HEAD = """<style>
@media (max-width: 520px) { .gradio-container .main.fillable { padding: 4px 2px !important; } }
@media (min-width: 1600px) { html body .gradio-container.gradio-container { max-width: 1480px !important; } }
</style>"""
"""Gradio confines `CSS` to what is inside its outer frame; this gives a phone the frame's wide margins back, and a screen on the
wall more of its width."""

STATUS_CSS = """
:root { color-scheme: light dark; --page: #f8fafc; --card: #fff; --text: #1e293b; --quiet: #475569; --line: #cbd5e1; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0b1120; --card: #1e293b; --text: #f1f5f9; --quiet: #cbd5e1; --line: #475569; } }
body { margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, "Noto Sans JP", "Noto Sans CJK JP", sans-serif; }
main { max-width: 720px; margin: 24px auto; padding: 0 12px; }
.taido-card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px; }
h2 { margin: 0 0 10px; font-size: 1.1rem; }
h2 .aside { float: right; font-size: .85rem; font-weight: 400; color: var(--quiet); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 8px 7px 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
th { color: var(--quiet); }
td { text-align: right; white-space: nowrap; }
"""
"""Of the status page, which is no page of Gradio's."""
