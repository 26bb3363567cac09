"""Every string of the pages, in English and Japanese.

`shown` gives strings that stand on a page from the start: Gradio translates them in the browser, in the browser's language.
`text` gives strings inside results made per request; `language_of` reads the same preference from the request.
The keys `audio.*` are Gradio's own: its webcam button says "Record", which would be untrue of pictures that are not stored.
"""

from typing import Literal

import gradio as gr
from gradio.i18n import I18nData

from inference.decision import UNCERTAIN_NAME

Language = Literal["en", "ja"]

ENGLISH: dict[str, str] = {
    "tagline": "Shows which attitudes are visible in a classroom, on this machine.",
    "photos_tab": "Photos",
    "live_tab": "Live",
    "model_tab": "Model",
    "photos_intro": "Drop one or many photographs. They stay on this machine and are deleted when you close this page, at the "
    "latest within an hour.",
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
    "download_zip": "Download the pictures (ZIP)",
    "live_intro": "Pictures are processed on this machine, in memory, and not stored.",
    "live_consent": "Before the first picture: tell everybody in view that the camera is on and what is counted. Go on only if "
    "they agree.",
    "live_start": "Click “Click to Access Webcam”, allow the camera and press “Start”.",
    "audio.record": "Start",
    "audio.stop": "Stop",
    "audio.waiting": "Waiting",
    "common.upload": "Upload",
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
    "camera_recorded": "Counts of lessons are recorded in {file}, without pictures, and not while fewer than {least} students "
    "are in view.",
    "camera_recorded_few": "Counts of lessons are recorded in {file}, without pictures, also while very few students are in "
    "view.",
    "camera_model_waits": "Another model was chosen. This lesson goes on with its own; the next one takes the new one.",
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
    "model_choose": "Model of this program",
    "model_use": "Use it",
    "model_speed": "Measure the speed on this machine",
    "speed_title": "Speed on this machine",
    "speed_one": "One student",
    "speed_class": "{students} students at once",
    "speed_finding": "Finding the students of a frame of 1280 × 720 pixels",
    "speed_value": "{milliseconds} ms",
    "speed_note": "The middle of several runs, without reading a picture. Other work on this machine makes it slower.",
    "video_tab": "Video",
    "video_intro": "Choose a recording. It stays on this machine and is deleted when you close this page, at the latest within "
    "an hour.",
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
    "teach_tab": "Teach",
    "teach_promise_title": "This page stores pictures",
    "teach_promise": "Every picture that you keep is written into the folder “{folder}” of this machine and stays there "
    "until somebody deletes it; no other page stores any. Take pictures only of people who know what for and agreed, for minors "
    "with their parents. If somebody changes their mind, delete their pictures in the folder. Use numbers, no names.",
    "teach_agreed": "Everybody in the pictures that I take here agrees that they are stored to train a model.",
    "teach_camera": "Camera or room",
    "teach_person": "Person (a number, no name)",
    "teach_next_person": "Next person",
    "teach_hold": "Hold to take pictures",
    "teach_seats": "Several frames of one class: draw its seats on the Seats page first and use them here, so that a seat counts "
    "as one person. A student who is only found counts as somebody new in every frame.",
    "teach_files": "Choose photographs",
    "teach_label": "What is visible? The model’s guess stands chosen.",
    "teach_keep": "Keep",
    "teach_skip": "Skip",
    "teach_another": "Another class",
    "teach_name": "Its name",
    "teach_add": "Add the class",
    "teach_added": "“{name}” can be chosen now.",
    "teach_taken": "{found} new to label, {refused} nearly the same as another and left out.",
    "teach_kept": "Kept as {file}.",
    "teach_waiting": "{waiting} to label · {kept} kept",
    "teach_nothing": "Take pictures or choose photographs: the one of which the model is least certain comes first.",
    "teach_guess": "The model’s guess: {attitude}, {score}",
    "teach_picture": "The picture to be labelled",
    "teach_counts": "In the folder",
    "teach_pictures": "Pictures",
    "teach_persons": "Persons",
    "teach_enough": "Enough to start",
    "teach_yes": "yes",
    "teach_not_yet": "not yet",
    "teach_of": "{there} of {needed}",
    "teach_curve": "Measured: a first model that learned from {half} pictures per attitude gave {half_value} right answers on "
    "persons it had never seen, balanced over the attitudes (95 % interval {half_low} to {half_high}); from {whole}, "
    "{whole_value} ({whole_low} to {whole_high}).",
    "teach_curve_settled": "Enough to start is where twice the pictures bring less than {enough} points. From {half} to {whole} "
    "they brought {gain} ({gain_low} to {gain_high}): {half} are enough.",
    "teach_curve_rising": "Enough to start is where twice the pictures bring less than {enough} points. From {half} to {whole}, "
    "the most that every attitude had, they still brought {gain} ({gain_low} to {gain_high}): {whole} make a start, and more "
    "will help.",
    "teach_curve_none": "How many pictures are enough was not measured here.",
    "teach_need": "Training keeps a third of the pictures for choosing and testing, so gather {pictures} for each attitude, of "
    "at least {persons} persons. More persons and more rooms help more than more pictures of the same.",
    "teach_curve_own": "Measured on {images} of your own pictures, of {persons} persons, on {day}.",
    "teach_curve_bundled": "Measured on the {images} pictures of {persons} persons that the bundled model was made of; your room "
    "may differ. As soon as you have 20 pictures of each attitude, measure your own, and this page goes by it:",
    "teach_curve_table": "The learning curve",
    "teach_curve_per_class": "Pictures per attitude to learn from",
    "teach_curve_balanced": "Right answers, balanced over the attitudes",
    "teach_curve_right": "Right answers",
    "teach_curve_fewest": "{per_class} (of the rarest attitude {fewest})",
    "interval": "{value} ({low} to {high})",
    "teach_train": "Now train:",
    "teach_go_on": "Go on until every attitude that you use says “yes”.",
    "space_notice": "This is a public demonstration on a server of Hugging Face. What you drop or show to your camera is sent "
    "there and kept only as long as this page is open. Do not use it with pictures of your students; install Taido on a machine "
    "of your own for that.",
    "tagline_space": "Shows which attitudes are visible in a classroom.",
    "photos_intro_space": "Drop one or many photographs. They are sent to the server of this demonstration and deleted when you "
    "close this page, at the latest within an hour.",
    "live_intro_space": "Pictures are sent to the server of this demonstration, processed in memory, and not stored.",
    "video_intro_space": "Choose a recording. It is sent to the server of this demonstration and deleted when you close this "
    "page, at the latest within an hour.",
    "gate_unknown": "There is nothing at this address.",
    "gate_name": "This app is open to this machine only, by the name 127.0.0.1 or localhost.",
    "gate_origin": "Another web site asked for this. Open the app itself.",
    "gate_login": "Sign in first: open the app in a browser, or send the name and the password.",
    "gate_address": "Nothing is fetched from an address. Upload the file itself.",
    "gate_file": "Only files that were uploaded here can be named.",
    "gate_json": "A JSON object was expected.",
    "gate_length": "Say how large the upload is (Content-Length).",
    "gate_large": "This is too large; at most {megabytes} MB are taken.",
    "busy_person": "This page has {limit} requests under way already. Wait a moment and try again.",
    "busy_queue": "Many people use this app at the moment. Wait a minute and try again.",
    "busy_webcams": "All places for webcams are taken ({limit}). Try again in a few minutes; photographs work meanwhile.",
    "busy_disk": "The disk is full of uploads at the moment. Wait a few minutes and try again.",
    "busy_login": "Too many wrong passwords. Wait a minute and try again.",
    "status_title": "How the app is doing",
    "status_none": "none",
    "status_up_seconds": "Running for",
    "status_provider": "Runs on",
    "status_frames": "Frames looked at",
    "status_frames_failed": "Frames that could not be looked at",
    "status_photos": "Photographs scored",
    "status_photos_failed": "Photographs that could not be read",
    "status_skipped": "Frames of the camera of this machine passed over for newer ones",
    "status_frames_per_second": "Frames of the camera of this machine per second",
    "status_camera_gone_seconds": "No picture from the camera of this machine for",
    "status_waiting": "Requests that wait",
    "status_webcams": "Webcams of browsers",
    "status_uploads_megabytes": "Uploads on the disk, MB",
    "status_refused": "Requests refused",
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
    "写真はこのパソコンの外に出ず、このページを閉じたとき、遅くとも 1 時間以内に削除されます。",
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
    "download_zip": "写真をダウンロード（ZIP）",
    "live_intro": "映像はこのパソコンのメモリー内だけで処理し、保存しません。",
    "live_consent": "映像を映す前に、映る人全員に、カメラを使うことと何を数えるかを伝えてください。"
    "全員が同意した場合だけ始めてください。",
    "live_start": "「ここを押してカメラを許可」を押し、続けて「開始」を押してください。",
    "audio.record": "開始",
    "audio.stop": "停止",
    "audio.waiting": "待機中",
    "common.upload": "アップロード",
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
    "camera_recorded": "授業の人数を {file} に記録します。映像は記録しません。"
    "写っている学生が {least} 人未満の間は人数も記録しません。",
    "camera_recorded_few": "授業の人数を {file} に記録します。学生が少ないときも記録します。映像は記録しません。",
    "camera_waiting": "映像が届くと、ここに表示されます。",
    "camera_model_waits": "別のモデルが選ばれました。この授業は今のモデルのまま続け、次の授業から新しいモデルを使います。",
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
    "model_choose": "このプログラムのモデル",
    "model_use": "使う",
    "model_speed": "このパソコンでの速さを測る",
    "speed_title": "このパソコンでの速さ",
    "speed_one": "学生 1 人",
    "speed_class": "学生 {students} 人同時",
    "speed_finding": "1280 × 720 ピクセルの映像から学生を見つける",
    "speed_value": "{milliseconds} ミリ秒",
    "speed_note": "数回の測定の中央値です。写真の読み込みは含みません。ほかの処理が動いていると遅くなります。",
    "video_tab": "動画",
    "video_intro": "録画を選んでください。録画はこのパソコンの中だけに置かれ、"
    "このページを閉じたとき、遅くとも 1 時間以内に削除されます。",
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
    "teach_tab": "教える",
    "teach_promise_title": "このページは写真を保存します",
    "teach_promise": "「残す」を押した写真は、このパソコンのフォルダー「{folder}」に書き込まれ、誰かが削除するまで残ります。"
    "ほかのページは写真を保存しません。目的を知り、同意した人だけを撮ってください（未成年者は保護者の同意も必要です）。"
    "同意が取り消されたら、フォルダーの写真を削除してください。名前ではなく番号を使ってください。",
    "teach_agreed": "ここで撮る写真に写る全員が、モデルの学習のために保存されることに同意しています。",
    "teach_camera": "カメラまたは教室",
    "teach_person": "人物（名前ではなく番号）",
    "teach_next_person": "次の人",
    "teach_hold": "押している間、撮影します",
    "teach_seats": "同じクラスの写真が何枚もあるときは、先に「座席」ページで座席を描いてここで使うと、"
    "座席ごとに同じ人として数えます。見つけただけの学生は、写真ごとに別の人として数えます。",
    "teach_files": "写真を選ぶ",
    "teach_label": "何が見えますか。モデルの推測が選ばれています。",
    "teach_keep": "残す",
    "teach_skip": "飛ばす",
    "teach_another": "別の分類",
    "teach_name": "分類の名前",
    "teach_add": "分類を追加",
    "teach_added": "「{name}」を選べるようになりました。",
    "teach_taken": "新しい写真 {found} 枚。ほぼ同じ写真 {refused} 枚は除きました。",
    "teach_kept": "{file} に残しました。",
    "teach_waiting": "ラベル待ち {waiting} 枚・残した写真 {kept} 枚",
    "teach_nothing": "撮影するか写真を選んでください。モデルの自信が最も低いものから表示されます。",
    "teach_guess": "モデルの推測: {attitude}（{score}）",
    "teach_picture": "ラベルを付ける写真",
    "teach_counts": "フォルダーの中",
    "teach_pictures": "写真",
    "teach_persons": "人数",
    "teach_enough": "始めるのに十分",
    "teach_yes": "はい",
    "teach_not_yet": "まだ",
    "teach_of": "{there}（目標 {needed}）",
    "teach_curve": "測定結果: 態度ごとに {half} 枚で学習した最初のモデルは、見たことのない人の写真で {half_value} 正解しました"
    "（態度ごとの正解率の平均、95 % 区間 {half_low}〜{half_high}）。"
    "{whole} 枚では {whole_value}（{whole_low}〜{whole_high}）でした。",
    "teach_curve_settled": "枚数を 2 倍にしても {enough} ポイント未満しか良くならないところが「十分」の目安です。"
    "{half} 枚から {whole} 枚では {gain} ポイント（{gain_low}〜{gain_high}）だったので、{half} 枚で十分です。",
    "teach_curve_rising": "枚数を 2 倍にしても {enough} ポイント未満しか良くならないところが「十分」の目安です。"
    "{half} 枚から {whole} 枚（すべての態度にあった最大の枚数）でも、"
    "まだ {gain} ポイント（{gain_low}〜{gain_high}）良くなりました。"
    "{whole} 枚で始められますが、多いほど良くなります。",
    "teach_curve_none": "何枚で十分かは、ここでは測定されていません。",
    "teach_need": "写真の 3 分の 1 は選択とテストに取っておくので、態度ごとに {pictures} 枚、{persons} 人以上を集めてください。"
    "同じ人の写真を増やすより、人と部屋を増やすほうが効果があります。",
    "teach_curve_own": "{day}に、集めた写真 {images} 枚（{persons} 人）で測定しました。",
    "teach_curve_bundled": "付属のモデルの元になった写真 {images} 枚（{persons} 人）で測定しました。"
    "お使いの教室では違うことがあります。"
    "態度ごとに 20 枚集まったら、次のコマンドで測定してください。このページはその結果に従います。",
    "teach_curve_table": "学習曲線",
    "teach_curve_per_class": "学習に使う写真（態度ごと）",
    "teach_curve_balanced": "正解率（態度ごとの平均）",
    "teach_curve_right": "正解率（全体）",
    "teach_curve_fewest": "{per_class}（最も少ない態度は {fewest}）",
    "interval": "{value}（{low} から {high}）",
    "teach_train": "学習を始められます:",
    "teach_go_on": "使う態度がすべて「はい」になるまで続けてください。",
    "space_notice": "これは Hugging Face のサーバー上で公開しているデモです。選んだ写真やカメラの映像はサーバーに送られ、"
    "このページを開いている間"
    "だけ保持されます。学生の写真には使わないでください。その場合は Taido をご自分のパソコンにインストールしてください。",
    "tagline_space": "教室で見られる学生の態度を集計します。",
    "photos_intro_space": "写真を 1 枚または複数ドロップしてください。写真はこのデモのサーバーに送られ、ページを閉じたとき、"
    "遅くとも 1 時間以内に削除されます。",
    "live_intro_space": "映像はこのデモのサーバーに送られ、メモリー内だけで処理されます。保存はしません。",
    "video_intro_space": "録画を選んでください。録画はこのデモのサーバーに送られ、"
    "ページを閉じたとき、遅くとも 1 時間以内に削除されます。",
    "gate_unknown": "このアドレスには何もありません。",
    "gate_name": "このアプリは、このパソコンから 127.0.0.1 または localhost という名前でだけ開けます。",
    "gate_origin": "ほかのサイトからの要求です。アプリを直接開いてください。",
    "gate_login": "先にログインしてください。ブラウザーでアプリを開くか、名前とパスワードを送ってください。",
    "gate_address": "アドレスからの取得は行いません。ファイルそのものをアップロードしてください。",
    "gate_file": "指定できるのは、ここにアップロードしたファイルだけです。",
    "gate_json": "JSON オブジェクトが必要です。",
    "gate_length": "アップロードの大きさ（Content-Length）を示してください。",
    "gate_large": "大きすぎます。{megabytes} MB まで受け付けます。",
    "busy_person": "このページでは、すでに {limit} 件の処理が進んでいます。少し待ってからもう一度お試しください。",
    "busy_queue": "現在、利用者が多くなっています。1 分ほど待ってからもう一度お試しください。",
    "busy_webcams": "ウェブカメラを同時に使える人数（{limit} 人）に達しています。"
    "数分後にもう一度お試しください。写真は今でも使えます。",
    "busy_disk": "現在、アップロードで容量がいっぱいです。数分待ってからもう一度お試しください。",
    "busy_login": "パスワードの誤りが続きました。1 分待ってからもう一度お試しください。",
    "status_title": "アプリの状態",
    "status_none": "なし",
    "status_up_seconds": "稼働時間",
    "status_provider": "実行環境",
    "status_frames": "処理したフレーム",
    "status_frames_failed": "処理できなかったフレーム",
    "status_photos": "判定した写真",
    "status_photos_failed": "読み込めなかった写真",
    "status_skipped": "このパソコンのカメラで、新しい映像のために飛ばしたフレーム",
    "status_frames_per_second": "このパソコンのカメラの毎秒フレーム数",
    "status_camera_gone_seconds": "このパソコンのカメラの映像が途切れている時間",
    "status_waiting": "順番を待っている要求",
    "status_webcams": "ブラウザーのカメラ",
    "status_uploads_megabytes": "ディスク上のアップロード（MB）",
    "status_refused": "断った要求",
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
    UNCERTAIN_NAME: "uncertain",
}


def translations(values: dict[str, object], *, space: bool = False) -> gr.I18n:
    """What `launch` hands to the browser; `values` fill the braces of strings that stand on a page from the start.

    `space`: where a string has another wording for a Space, whose machine is not the visitor's own, that one.
    """
    filled = {language: {key: _fill(string, values) for key, string in table.items()} for language, table in TEXTS.items()}
    if space:
        for table in filled.values():
            table.update({key: table[f"{key}_space"] for key in list(table) if f"{key}_space" in table})
    return gr.I18n(**{str(language): table for language, table in filled.items()})


def shown(key: str) -> I18nData:
    """A string that the browser translates; raises KeyError for an unknown key."""
    return gr.I18n()(_known(key))


def text(key: str, language: Language, **values: object) -> str:
    """A string for a result made on the server."""
    return TEXTS[language][_known(key)].format(**values)


def language_of(request: gr.Request | None) -> Language:
    """The browser's first language if we speak it, else English; the choice that Gradio makes in the browser."""
    return language_in(request.headers.get("accept-language", "") if request is not None and request.headers else "")


def language_in(accepted: str) -> Language:
    """The same, of the value of the header `Accept-Language`."""
    return "ja" if accepted.strip().lower().startswith("ja") else "en"


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
