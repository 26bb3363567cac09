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
    "shares_from": "Percentages are shown from {students} students on.",
    "failures_title": "Could not be read ({count})",
    "gallery_label": "Photographs with the attitude that scores highest",
    "table_label": "Scores",
    "table_file": "File",
    "table_student": "Student",
    "table_attitude": "Attitude",
    "download_csv": "Download the table (CSV)",
    "live_intro": "Pictures are processed on this machine, in memory, and not stored.",
    "live_consent": "Before the first picture: tell everybody in view that the camera is on and what is counted. Go on only if "
    "they agree.",
    "live_start": "Click “Click to Access Webcam”, allow the camera and press “Start”.",
    "audio.record": "Start",
    "audio.stop": "Stop",
    "audio.waiting": "Waiting",
    "live_camera": "Camera",
    "live_waiting": "Scores appear here as soon as the camera streams.",
    "live_now": "Now",
    "live_marked": "The current picture with every student marked",
    "live_recent": "Last 10 seconds",
    "live_recent_chart": "Share of the time per attitude, last 10 seconds",
    "live_scores_chart": "Scores, averaged over about a second",
    "live_rate": "{rate} frames/s",
    "live_age": "picture {age} old",
    "live_kept": "Nothing is recorded. The counts of a lesson stay in memory until this page is closed; take them home as CSV.",
    "seconds": "{seconds} s",
    "uncertain": "Uncertain",
    "students_seen": "Students seen",
    "lesson_start": "Start lesson",
    "lesson_pause": "Pause",
    "lesson_resume": "Resume",
    "lesson_end": "End lesson",
    "lesson_waiting": "Press “Start lesson” to count a lesson.",
    "lesson_running": "Running since {start} · {length}",
    "lesson_paused": "Paused · began {start}",
    "lesson_ended": "Ended · {start} to {end} · {length}",
    "lesson_csv": "Download the lesson (CSV)",
    "means_title": "Averages",
    "means_seconds": "10 s",
    "means_minute": "1 min",
    "means_lesson": "Lesson",
    "means_class": "Students on average, over the last 10 seconds, the last minute and the lesson.",
    "means_single": "Share of the time, over the last 10 seconds, the last minute and the lesson.",
    "timeline_title": "Timeline",
    "timeline_waiting": "The first bar appears when a lesson has run for 10 seconds.",
    "timeline_step": "1 bar = {step}",
    "timeline_unseen": "Nothing seen",
    "timeline_words": "Timeline from {start} to {end}, on average: {means}",
    "timeline_table": "The timeline as a table",
    "timeline_time": "Time",
    "changes_title": "What changed",
    "changes_none": "Nothing yet. A change is told when at least 2 students show another attitude for about half a minute.",
    "camera_title": "Camera of this machine: {source}",
    "camera_choice": "Camera to look at",
    "camera_show": "They agree: show the picture",
    "camera_shared": "Everybody who opens this page sees this camera. Start, pause and end count for all of them.",
    "camera_unrecorded": "Nothing is recorded. The counts of a lesson stay in memory until the program ends or the next lesson "
    "begins.",
    "camera_recorded": "Counts of lessons are recorded in {file}, without pictures.",
    "camera_waiting": "The picture appears here as soon as there is one.",
    "camera_paused": "Paused: nothing is looked at.",
    "camera_ended": "The lesson has ended: nothing is looked at.",
    "camera_file": "The film is read when the lesson starts.",
    "camera_finished": "The source has come to its end.",
    "camera_gone": "No picture from the camera since {time} ({length}).",
    "camera_since": "No picture since {time}",
    "camera_no_counts": "No counts at present.",
    "camera_problem": "There is a problem",
    "camera_picture": "The newest picture",
    "webcam_title": "Webcam of this browser",
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
    "video_tab": "Video",
    "video_intro": "Choose a recording. It stays on this machine and is deleted within an hour, or when the program ends.",
    "video_drop": "A recording of up to {video_size} and {video_hours} hours",
    "video_rate": "Frames looked at per second",
    "video_start": "Look through",
    "video_mark": "Make a marked copy",
    "video_stop": "Stop",
    "video_waiting": "The timeline and what changed appear here.",
    "video_working": "Looking through",
    "video_drawing": "Drawing",
    "video_running": "{length} of the recording so far",
    "video_done": "The whole recording: {length}",
    "video_marked": "Marked copy",
    "video_heads": "Heads of students who are found are pixelated, and no others. Look through it before you show it.",
    "lessons_tab": "Lessons",
    "lessons_unrecorded": "No lessons are recorded. Start the app with --record FILE, and with --source for a camera of this "
    "machine, or record one with python -m inference watch --record FILE. Only counts are kept, no pictures.",
    "lessons_empty": "No lesson is recorded yet.",
    "lessons_list": "Recorded lessons",
    "lessons_refresh": "Read again",
    "lessons_chosen": "Lesson",
    "lessons_other": "Compare with",
    "lessons_no_other": "nothing",
    "lessons_beside": "Two lessons beside one another",
    "whole_class": "Students on average",
    "whole_single": "Share of the time",
    "lessons_print": "Download a page to print (HTML)",
    "lessons_behaviour": "These are visible behaviours as a program saw them. They do not say why, and the program errs.",
    "lessons_problem": "The record cannot be read",
    "students_drawn": "A class: one student per seat drawn on the Seats page",
    "students_masked": "A class: every student is found outside of the masks drawn on the Seats page",
    "seats_tab": "Seats",
    "seats_intro": "For a camera that does not move: say once where each student sits and what nothing may look at. The still "
    "stays on this machine and is deleted within an hour, or when the program ends.",
    "seats_still": "A still of the camera",
    "seats_camera": "Take it from this machine's camera",
    "seats_file": "Load seats or masks (JSON)",
    "seats_kind": "Draw",
    "seats_seats": "Seats",
    "seats_masks": "Privacy masks",
    "seats_find": "Find students",
    "seats_rows": "Rows",
    "seats_columns": "Columns",
    "seats_grid": "Fill with a grid",
    "seats_number": "Number row by row",
    "seats_remove": "Remove all",
    "seats_waiting": "Choose a still, or load a file. Then draw a box around each place: its number is its name.",
    "seats_counted": "Seats: {seats} · Masks: {masks}",
    "seats_save": "Save the seats (seats.json)",
    "seats_save_masks": "Save the masks (masks.json)",
    "seats_use": "Use on Photos, Live and Video",
    "seats_used": "Photos, Live and Video now use what is drawn here, in this browser, until the page is closed. To use it "
    "another time, save it and load it here, or start the app with --students seats.json.",
    "editor_add": "Add a box",
    "editor_boxes": "Boxes on the still",
    "editor_delete": "Delete",
    "editor_earlier": "Number − 1",
    "editor_help": "Draw with mouse or finger. By keyboard: Tab chooses a box, arrows move it, Shift and arrows resize it, "
    "Delete removes it.",
    "editor_later": "Number + 1",
    "editor_mask": "Mask {number}: {x0}, {y0} to {x1}, {y1} pixels",
    "editor_seat": "Seat {number}: {x0}, {y0} to {x1}, {y1} pixels",
    "editor_still": "The still",
    "editor_tools": "Change the boxes",
    "editor_undo": "Undo",
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
    "shares_from": "割合は、学生が {students} 人以上のときに表示します。",
    "failures_title": "読み込めなかった写真（{count}）",
    "gallery_label": "写真と、最もスコアの高い態度",
    "table_label": "スコア",
    "table_file": "ファイル",
    "table_student": "学生",
    "table_attitude": "態度",
    "download_csv": "表をダウンロード（CSV）",
    "live_intro": "映像はこのパソコンのメモリー内だけで処理し、保存しません。",
    "live_consent": "映像を映す前に、映る人全員に、カメラを使うことと何を数えるかを伝えてください。"
    "全員が同意した場合だけ始めてください。",
    "live_start": "「Click to Access Webcam」をクリックしてカメラを許可し、「開始」を押してください。",
    "audio.record": "開始",
    "audio.stop": "停止",
    "audio.waiting": "待機中",
    "live_camera": "カメラ",
    "live_waiting": "カメラの映像が届くと、ここにスコアが表示されます。",
    "live_now": "現在",
    "live_marked": "学生に印を付けた現在の映像",
    "live_recent": "直近 10 秒",
    "live_recent_chart": "直近 10 秒の態度ごとの時間の割合",
    "live_scores_chart": "約 1 秒間の平均スコア",
    "live_rate": "毎秒 {rate} フレーム",
    "live_age": "映像は {age}前",
    "live_kept": "何も記録しません。授業の人数はこのページを閉じるまでメモリーに残ります。CSV で保存できます。",
    "seconds": "{seconds} 秒",
    "uncertain": "判定できない",
    "students_seen": "見えている学生",
    "lesson_start": "授業を開始",
    "lesson_pause": "一時停止",
    "lesson_resume": "再開",
    "lesson_end": "授業を終了",
    "lesson_waiting": "「授業を開始」を押すと、授業の集計が始まります。",
    "lesson_running": "{start} から集計中・{length}",
    "lesson_paused": "一時停止中・{start} 開始",
    "lesson_ended": "終了・{start}〜{end}・{length}",
    "lesson_csv": "授業の集計をダウンロード（CSV）",
    "means_title": "平均",
    "means_seconds": "10 秒",
    "means_minute": "1 分",
    "means_lesson": "授業",
    "means_class": "直近 10 秒、直近 1 分、授業全体の平均人数です。",
    "means_single": "直近 10 秒、直近 1 分、授業全体の時間の割合です。",
    "timeline_title": "時間の流れ",
    "timeline_waiting": "授業を始めて 10 秒たつと、最初の棒が表示されます。",
    "timeline_step": "棒 1 本 = {step}",
    "timeline_unseen": "映像なし",
    "timeline_words": "{start} から {end} までの時間の流れ。平均: {means}",
    "timeline_table": "時間の流れを表で見る",
    "timeline_time": "時刻",
    "changes_title": "変化",
    "changes_none": "まだありません。2 人以上の態度が 30 秒ほど変わると、ここに表示されます。",
    "camera_title": "このパソコンのカメラ: {source}",
    "camera_choice": "表示するカメラ",
    "camera_show": "同意を得たので映像を表示する",
    "camera_shared": "このページを開いている全員に同じ映像が見えます。開始、一時停止、終了は全員に共通です。",
    "camera_unrecorded": "何も記録しません。授業の人数は、プログラムが終わるか次の授業が始まるまでメモリーに残ります。",
    "camera_recorded": "授業の人数を {file} に記録します。映像は記録しません。",
    "camera_waiting": "映像が届くと、ここに表示されます。",
    "camera_paused": "一時停止中です。映像は処理していません。",
    "camera_ended": "授業は終わりました。映像は処理していません。",
    "camera_file": "授業を開始すると、動画を読み込みます。",
    "camera_finished": "映像は最後まで再生されました。",
    "camera_gone": "{time} からカメラの映像がありません（{length}）。",
    "camera_since": "{time} から映像なし",
    "camera_no_counts": "現在の人数はありません。",
    "camera_problem": "問題があります",
    "camera_picture": "最新の映像",
    "webcam_title": "このブラウザーのカメラ",
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
    "video_tab": "動画",
    "video_intro": "録画を選んでください。録画はこのパソコンの中だけに置かれ、1 時間以内か終了時に削除されます。",
    "video_drop": "録画（{video_size}、{video_hours} 時間まで）",
    "video_rate": "1 秒あたりに見るフレーム数",
    "video_start": "調べる",
    "video_mark": "印を付けた動画を作る",
    "video_stop": "中止",
    "video_waiting": "時間の流れと変化がここに表示されます。",
    "video_working": "処理中",
    "video_drawing": "描画中",
    "video_running": "ここまで録画の {length}",
    "video_done": "録画全体: {length}",
    "video_marked": "印を付けた動画",
    "video_heads": "見つかった学生の頭部だけにモザイクをかけます。ほかの人にはかかりません。人に見せる前に確認してください。",
    "lessons_tab": "授業の記録",
    "lessons_unrecorded": "授業は記録されていません。--record ファイル名 を付けて起動するか（このパソコンのカメラは --source）、"
    "python -m inference watch --record ファイル名 で記録してください。記録するのは人数だけで、映像は残しません。",
    "lessons_empty": "記録された授業はまだありません。",
    "lessons_list": "記録された授業",
    "lessons_refresh": "再読み込み",
    "lessons_chosen": "授業",
    "lessons_other": "比べる授業",
    "lessons_no_other": "なし",
    "lessons_beside": "2 つの授業の比較",
    "whole_class": "学生の平均人数",
    "whole_single": "時間の割合",
    "lessons_print": "印刷用ページをダウンロード（HTML）",
    "lessons_behaviour": "これはプログラムが見た目から判定した行動です。理由は分かりません。誤りもあります。",
    "lessons_problem": "記録を読み込めません",
    "students_drawn": "クラス全体（「座席」ページで描いた座席ごとに 1 人）",
    "students_masked": "クラス全体（「座席」ページで隠した範囲の外で学生を見つけます）",
    "seats_tab": "座席",
    "seats_intro": "動かないカメラのために、学生の座席と、見てはいけない範囲を一度だけ指定します。"
    "静止画はこのパソコンの外に出ず、1 時間以内、またはプログラム終了時に削除されます。",
    "seats_still": "カメラの静止画",
    "seats_camera": "このパソコンのカメラから取り込む",
    "seats_file": "座席または隠す範囲を読み込む（JSON）",
    "seats_kind": "描くもの",
    "seats_seats": "座席",
    "seats_masks": "隠す範囲",
    "seats_find": "学生を見つける",
    "seats_rows": "行",
    "seats_columns": "列",
    "seats_grid": "格子で埋める",
    "seats_number": "前の行から番号を付ける",
    "seats_remove": "すべて消す",
    "seats_waiting": "静止画を選ぶか、ファイルを読み込んでください。次に場所ごとに枠を描きます。番号が座席の名前になります。",
    "seats_counted": "座席: {seats}・隠す範囲: {masks}",
    "seats_save": "座席を保存（seats.json）",
    "seats_save_masks": "隠す範囲を保存（masks.json）",
    "seats_use": "写真・ライブ・動画で使う",
    "seats_used": "このブラウザーでページを閉じるまで、写真・ライブ・動画のページでここに描いたものを使います。"
    "次回も使うには、保存してここで読み込むか、--students seats.json を付けて起動してください。",
    "editor_add": "枠を追加",
    "editor_boxes": "静止画の枠",
    "editor_delete": "削除",
    "editor_earlier": "番号を 1 減らす",
    "editor_help": "マウスや指で描きます。キーボードでは、Tab で枠を選び、矢印で動かし、Shift と矢印で大きさを変え、"
    "Delete で消します。",
    "editor_later": "番号を 1 増やす",
    "editor_mask": "隠す範囲 {number}: {x0}, {y0} から {x1}, {y1} ピクセル",
    "editor_seat": "座席 {number}: {x0}, {y0} から {x1}, {y1} ピクセル",
    "editor_still": "静止画",
    "editor_tools": "枠を変える",
    "editor_undo": "元に戻す",
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
