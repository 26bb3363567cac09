"""Every string of the pages, in English and Japanese.

`shown` gives strings that stand on a page from the start: Gradio translates them in the browser, in the browser's language.
`text` gives strings inside results made per request; `language_of` reads the same preference from the request.
The keys `audio.*` are Gradio's own: its webcam button says "Record", which would be untrue of pictures that are not stored.
"""

from typing import Literal

import gradio as gr
from gradio.i18n import I18nData

Language = Literal["en", "ja"]

ENGLISH: dict[str, str] = {
    "tagline": "Shows which attitudes are visible in a classroom, on this machine.",
    "photos_tab": "Photos",
    "live_tab": "Live",
    "model_tab": "Model",
    "photos_intro": "Drop one or many photographs. They stay on this machine and are deleted within an hour, or when the program "
    "ends.",
    "photos_drop": "Up to {files} photos, {size} each",
    "photos_waiting": "The summary, the scores and the table appear here.",
    "photos_too_many": "{given} photographs came; the first {limit} are shown. Drop the others separately.",
    "photos_none_read": "None of the photographs could be read.",
    "photos_working": "Reading photographs",
    "photos_drawing": "Preparing pictures",
    "students_choice": "Each picture shows",
    "students_whole": "One student",
    "students_finder": "A class: every student is found",
    "students_seats": "A class: one student per seat of the given file",
    "students_faces": "A class: students are found by their faces",
    "students_no_finder": "Each picture is taken as one student: the model file that finds every student of a class is "
    "missing or cannot be opened.",
    "summary_title": "Summary",
    "summary_students_one": "1 student",
    "summary_students_many": "{students} students",
    "summary_found_one": "1 student found",
    "summary_found_many": "{students} students found",
    "summary_chart": "Students per attitude",
    "failures_title": "Could not be read ({count})",
    "gallery_label": "Photographs with the attitude that scores highest",
    "table_label": "Scores",
    "table_file": "File",
    "table_student": "Student",
    "table_attitude": "Attitude",
    "download_csv": "Download the table (CSV)",
    "live_intro": "Pictures are processed on this machine, in memory, and not stored.",
    "live_start": "Click “Click to Access Webcam”, allow the camera and press “Start”.",
    "audio.record": "Start",
    "audio.stop": "Stop",
    "audio.waiting": "Waiting",
    "live_camera": "Camera",
    "live_waiting": "Scores appear here as soon as the camera streams.",
    "live_now": "Now",
    "live_marked": "The current picture with every student marked",
    "live_window": "Last {seconds} seconds",
    "live_window_chart": "Share of frames per attitude, last {seconds} seconds",
    "live_scores_chart": "Scores of the current frame",
    "live_rate": "{frames} frames in this time, {rate} frames/s",
    "model_file": "File",
    "model_base": "Base model",
    "model_classes": "Attitudes",
    "model_input": "Input size",
    "model_input_value": "{width} × {height} pixels",
    "model_fit": "Other shapes",
    "model_fit_pad": "whole picture, padded",
    "model_fit_squash": "whole picture, squashed",
    "model_fit_crop": "centre of the picture",
    "model_provider": "Runs on",
    "model_licence": "Licence of the weights",
    "model_facts": "Facts of the model",
    "finder_facts": "Facts of the model that finds students",
    "finder_threshold": "Least score of a student found",
    "model_measured": "Measured on pictures that training did not see",
    "model_unmeasured": "This model file carries no measured scores.",
    "measured_persons": "Persons it had not seen",
    "measured_persons_without": "Persons it had not seen, without {camera}",
    "measured_camera": "Camera it had not seen: {camera}",
    "measured_rates": "accuracy {accuracy_value} (95 % interval {accuracy_lo} to {accuracy_hi}), balanced over the attitudes "
    "{balanced_accuracy_value} ({balanced_accuracy_lo} to {balanced_accuracy_hi}); {images} pictures, {persons} persons",
    "measured_found": "AP50 {ap50} (95 % interval {ap50_lo} to {ap50_hi}), centre F1 {f1} ({f1_lo} to {f1_hi}); {frames} frames, "
    "{students} students",
    "model_card": "Model card",
    "attitude_looking_ahead": "Looking ahead",
    "attitude_looking_down": "Looking down",
    "attitude_sleep": "Sleeping",
    "attitude_touching_pda": "Touching a phone",
}

JAPANESE: dict[str, str] = {
    "tagline": "教室で見られる学生の態度を、このパソコンの中だけで集計します。",
    "photos_tab": "写真",
    "live_tab": "ライブ",
    "model_tab": "モデル",
    "photos_intro": "写真を 1 枚または複数ドロップしてください。"
    "写真はこのパソコンの外に出ず、1 時間以内、またはプログラム終了時に削除されます。",
    "photos_drop": "写真（{files} 枚・各 {size} まで）",
    "photos_waiting": "集計、スコア、表がここに表示されます。",
    "photos_too_many": "{given} 枚のうち、最初の {limit} 枚を表示しています。残りは別にドロップしてください。",
    "photos_none_read": "読み込める写真がありませんでした。",
    "photos_working": "写真を読み込んでいます",
    "photos_drawing": "画像を準備しています",
    "students_choice": "写っているもの",
    "students_whole": "学生 1 人",
    "students_finder": "クラス全体（学生を 1 人ずつ見つけます）",
    "students_seats": "クラス全体（指定した座席ごとに 1 人）",
    "students_faces": "クラス全体（顔から学生を見つけます）",
    "students_no_finder": "画像 1 枚を学生 1 人として扱います。クラス全体から学生を見つけるモデルファイルがないか、開けません。",
    "summary_title": "集計",
    "summary_students_one": "学生 1 人",
    "summary_students_many": "学生 {students} 人",
    "summary_found_one": "学生が 1 人見つかりました",
    "summary_found_many": "学生が {students} 人見つかりました",
    "summary_chart": "態度ごとの人数",
    "failures_title": "読み込めなかった写真（{count}）",
    "gallery_label": "写真と、最もスコアの高い態度",
    "table_label": "スコア",
    "table_file": "ファイル",
    "table_student": "学生",
    "table_attitude": "態度",
    "download_csv": "表をダウンロード（CSV）",
    "live_intro": "映像はこのパソコンのメモリー内だけで処理し、保存しません。",
    "live_start": "「Click to Access Webcam」をクリックしてカメラを許可し、「開始」を押してください。",
    "audio.record": "開始",
    "audio.stop": "停止",
    "audio.waiting": "待機中",
    "live_camera": "カメラ",
    "live_waiting": "カメラの映像が届くと、ここにスコアが表示されます。",
    "live_now": "現在",
    "live_marked": "学生に印を付けた現在の映像",
    "live_window": "直近 {seconds} 秒",
    "live_window_chart": "直近 {seconds} 秒の態度ごとのフレームの割合",
    "live_scores_chart": "現在のフレームのスコア",
    "live_rate": "この間に {frames} フレーム、毎秒 {rate} フレーム",
    "model_file": "ファイル",
    "model_base": "ベースモデル",
    "model_classes": "態度",
    "model_input": "入力サイズ",
    "model_input_value": "{width} × {height} ピクセル",
    "model_fit": "縦横比が違う場合",
    "model_fit_pad": "全体を入れて余白を足す",
    "model_fit_squash": "全体を変形して入れる",
    "model_fit_crop": "中央を切り出す",
    "model_provider": "実行環境",
    "model_licence": "重みのライセンス",
    "model_facts": "モデルの情報",
    "finder_facts": "学生を見つけるモデルの情報",
    "finder_threshold": "学生とみなす最低スコア",
    "model_measured": "学習に使っていない写真での測定結果",
    "model_unmeasured": "このモデルファイルに測定結果はありません。",
    "measured_persons": "学習していない人物",
    "measured_persons_without": "学習していない人物({camera} を除く)",
    "measured_camera": "学習していないカメラ: {camera}",
    "measured_rates": "正解率 {accuracy_value}(95 % 区間 {accuracy_lo}〜{accuracy_hi})、態度ごとの平均 {balanced_accuracy_value}"
    "({balanced_accuracy_lo}〜{balanced_accuracy_hi})、写真 {images} 枚、{persons} 人",
    "measured_found": "AP50 {ap50}(95 % 区間 {ap50_lo}〜{ap50_hi})、中心による F1 {f1}({f1_lo}〜{f1_hi})、"
    "フレーム {frames} 枚、学生 {students} 人",
    "model_card": "モデルカード",
    "attitude_looking_ahead": "前を見ている",
    "attitude_looking_down": "下を見ている",
    "attitude_sleep": "眠っている",
    "attitude_touching_pda": "スマホを触っている",
}

TEXTS: dict[Language, dict[str, str]] = {"en": ENGLISH, "ja": JAPANESE}

_ATTITUDES = {
    "looking-ahead": "attitude_looking_ahead",
    "looking-down": "attitude_looking_down",
    "sleep": "attitude_sleep",
    "touching-pda": "attitude_touching_pda",
}


def translations(values: dict[str, object]) -> gr.I18n:
    """What `launch` hands to the browser; `values` fill the braces of strings that stand on a page from the start."""
    filled = {language: {key: _fill(string, values) for key, string in table.items()} for language, table in TEXTS.items()}
    return gr.I18n(**{str(language): table for language, table in filled.items()})


def shown(key: str) -> I18nData:
    """A string that the browser translates; raises KeyError for an unknown key."""
    return gr.I18n()(_known(key))


def text(key: str, language: Language, **values: object) -> str:
    """A string for a result made on the server."""
    return TEXTS[language][_known(key)].format(**values)


def language_of(request: gr.Request | None) -> Language:
    """The browser's first language if we speak it, else English; the choice that Gradio makes in the browser."""
    wanted = request.headers.get("accept-language", "") if request is not None and request.headers else ""
    return "ja" if wanted.strip().lower().startswith("ja") else "en"


def attitude(class_name: str, language: Language) -> str:
    """Display name of one of the four default attitudes; any other class is shown as it is."""
    key = _ATTITUDES.get(class_name)
    return text(key, language) if key else class_name


def how_many(students: int, language: Language, *, found: bool) -> str:
    """`1 student`, `25 students`; `found` where they were looked for: `25 students found`."""
    one, many = ("summary_found_one", "summary_found_many") if found else ("summary_students_one", "summary_students_many")
    return text(one if students == 1 else many, language, students=students)


def _known(key: str) -> str:
    if key not in ENGLISH:
        raise KeyError(f"No text {key!r} in dashboard/texts.py")
    return key


class _Open(dict[str, object]):
    """Leaves the braces of values that are not known yet."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _fill(string: str, values: dict[str, object]) -> str:
    return string.format_map(_Open(values))
