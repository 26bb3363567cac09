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
.taido-note, .taido-note * { color: var(--body-text-color-subdued); font-size: .93rem; line-height: 1.55; }
.taido-card { background: var(--block-background-fill); border: 1px solid var(--block-border-color);
  border-radius: var(--block-radius); padding: 16px 18px; color: var(--body-text-color); }
.taido-card + .taido-card { margin-top: 12px; }
.taido-card h2, .taido-card h3 { margin: 0 0 10px; font-size: 1rem; font-weight: 600; color: var(--body-text-color); }
.taido-card .aside { float: right; font-weight: 400; color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
.taido-card p { margin: 0; color: var(--body-text-color); }
.taido-bars + p.quiet { margin-top: 10px; }
.taido-card p.quiet { color: var(--body-text-color-subdued); font-size: .93rem; font-variant-numeric: tabular-nums; }
.taido-card p.taido-now { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 12px; margin: 0 0 10px; }
.taido-now strong { font-size: 1.9rem; line-height: 1.2; font-weight: 700; }
.taido-now span { font-size: 1.25rem; color: var(--body-text-color-subdued); font-variant-numeric: tabular-nums; }
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
#photos-gallery .caption-label { white-space: normal; max-width: calc(100% - 12px); max-height: none; font-size: .86rem; }
#photos-gallery .preview caption { white-space: normal; font-size: .82rem; line-height: 1.2; padding-block: 2px; }
#photos-gallery.taido-rooms .grid-wrap { max-height: 92vh; }
#photos-gallery.taido-rooms .grid-container { grid-template-columns: repeat(auto-fit, minmax(min(100%, 500px), 1fr));
  grid-template-rows: none; grid-auto-rows: auto; align-items: start; }
#photos-gallery.taido-rooms :is(.gallery-item, .thumbnail-lg) { aspect-ratio: auto; height: auto; }
#photos-gallery.taido-rooms .thumbnail-lg > img { height: auto; }
#photos-gallery.taido-rooms .caption-label { position: static; max-width: none; margin: 0; padding: 6px 10px; border: 0;
  box-shadow: none; text-align: left; }
.taido-marked { display: block; width: 100%; max-height: 88vh; object-fit: contain; border-radius: var(--block-radius); }
#photos-table * { font-family: var(--font); }
@media (prefers-reduced-motion: reduce) { .taido-bars .fill { transition: none; } }
@media (max-width: 520px) {
  .taido-header h1 { font-size: 1.3rem; }
  .taido-card { padding: 13px 12px; }
  .taido-now strong { font-size: 1.5rem; }
  #live-camera { height: 300px !important; }
  #photos-gallery:not(.taido-rooms) .grid-container { grid-template-columns: repeat(2, 1fr); }
  #photos-gallery .caption-label { font-size: .75rem; padding: 2px 5px; }
  .taido-bars { grid-template-columns: minmax(6.2em, max-content) 1fr minmax(4em, max-content); gap: 8px; font-size: .95rem; }
}
"""

HEAD = "<style>@media (max-width: 520px) { .gradio-container .main.fillable { padding: 4px 2px !important; } }</style>"
"""Gradio confines `CSS` to what is inside its outer frame; this gives a phone the frame's wide margins back."""
