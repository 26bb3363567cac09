"""What a page says of an error: its own message in English, and in Japanese the text that belongs to its code.

told(error, "ja"); told_line(snapshot.problems[0], "ja")

The English text is made where the error is raised, in `inference`, together with the code and the particulars that the Japanese
one needs. A test compares the codes that are raised with those that have a text here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from dashboard.texts import Language
from inference import TaidoError
from inference.errors import Message

JAPANESE_ERRORS: dict[str, str] = {
    "camera_dark": "今はカメラの映像がありません。少し待ってからもう一度押してください。",
    "camera_silent": "カメラ {name} から映像が来なくなりました。つながり次第、自動で再開します。",
    "camera_stalled": "カメラ {name} から {seconds} 秒間、映像が来ていません。つながり次第、自動で再開します。",
    "card_unreadable": "モデルカード {name} を読み込めません。直すか、別の場所に移してください。",
    "class_name": "分類の名前は 2〜60 文字の文字、数字、空白、_、- にしてください。",
    "curve_short": "学習曲線に、ある枚数とその 2 倍の枚数の組がありません。5,10,20,40 のように指定して測り直してください。",
    "curve_wrong": "学習曲線のファイル {name} を読み込めません。python -m training.crossval で測り直してください。",
    "frame_failed": "映像の 1 コマを処理できませんでした。処理は続いています。（{reason}）",
    "image_empty": "{name} は空のファイルです（0 バイト）。もう一度コピーまたはアップロードしてください。",
    "image_heavy": "{name} が大きすぎます。読み込めるのは {most} MB までです。小さくしてください。",
    "image_large": "{name} は {width} × {height} ピクセルで、大きすぎます。小さくしてください。",
    "image_unknown": "{name} は読み込める写真ではありません。JPEG、PNG、WebP、BMP、GIF、TIFF を使ってください。",
    "image_pixels": "{name} は画素数が多すぎます。小さくしてください。",
    "image_memory": "{name} はメモリーに入りません。小さくしてください。",
    "image_damaged": "{name} は壊れているか、途中で切れています。もう一度コピーまたはアップロードしてください。",
    "image_unreadable": "{name} を読み込めません。",
    "image_float": "写真の画素が浮動小数点数です。8 ビットの JPEG または PNG で保存してください。",
    "manifest_wrong": "フォルダーの manifest.csv を読み込めません。直すか、別の場所に移してください。",
    "model_damaged": "{name} は読み込める ONNX モデルではありません。もう一度コピーまたは書き出してください。",
    "model_foreign": "{name} に Taido の情報がありません。python -m export で書き出したファイルを使ってください。",
    "model_is_classify": "{name} は行動を判定するモデルです。学生を見つけるモデルが必要です。",
    "model_is_find": "{name} は学生を見つけるモデルです。行動を判定するモデルが必要です。",
    "model_large": "{name} が大きすぎます。使えるモデルは {most} GB までです。",
    "model_missing": "モデルファイル {name} がありません。",
    "model_several": "{name} は 1 人に複数の行動を同時に答えるモデルで、写真のページと表でだけ使えます。"
    "授業、動画、印付きの画像には、1 人に 1 つの行動を答えるモデルを --model で指定してください。",
    "model_sheet": "{name} に書かれた情報がこのプログラムと合いません。もう一度書き出すか、Taido を更新してください。",
    "model_stopped": "{name} が正しく動きません。もう一度コピーまたは書き出してください。",
    "output_failed": "{name} に書き込めません。空き容量と保存先を確認してください。",
    "picture_double": "ほぼ同じ写真がすでに {file} にあります。別の写真を使ってください。",
    "places_box": "枠 {number} の座標が正しくありません（左上、右下の順で、幅と高さが必要です）。",
    "places_foreign": "{name} は座席や隠す範囲のファイルではありません。"
    "このページか python -m inference seats で作ったファイルを選んでください。",
    "places_key": "座席や隠す範囲のファイルに必要な項目がありません。このページで作り直してください。",
    "places_large": "{name} は座席や隠す範囲のファイルとしては大きすぎます。",
    "places_number": "枠の数は 1 から {most} までです。",
    "places_outside": "枠 {number} が静止画からはみ出しています。直すか、このカメラの静止画で作り直してください。",
    "places_proportions": "枠は {made} ピクセルの画像用に作られていますが、この画像は {got} ピクセルで縦横比が違います。"
    "このカメラの画像を使ってください。",
    "places_size": "ファイルに書かれた画像の大きさが正しくありません。",
    "places_unreadable": "{name} を読み込めません。",
    "places_version": "ファイルの形式はバージョン {got} ですが、必要なのはバージョン {expected} です。"
    "Taido を更新するか、作り直してください。",
    "photo_heavy": "{name} は {size} MB あります。読み込めるのは 1 枚 {most} MB までです。小さくしてください。",
    "pictures_unreadable": "{name} に読み込める写真がありません。JPEG や PNG の写真を入れてください。",
    "provider_lost": "実行環境 {name} が止まりました。装置を確認して起動し直すか、cpu を使ってください。",
    "provider_stopped": "実行環境 {name} が起動しません。ドライバーを確認するか、cpu を使ってください。",
    "record_damaged": "記録 {name} は壊れています。以前のコピーを使ってください。",
    "record_exchanged": "記録 {name} が別のファイルに替わり、この授業がありません。元のファイルを戻してください。",
    "record_few": "学生 1 人だけの記録になるため記録しません。"
    "--record を外すか、--students を変えるか、--record-few を付けてください。",
    "record_foreign": "{name} は授業の記録ではない SQLite ファイルです。別の名前を指定してください。",
    "record_missing": "記録 {name} がありません。--record で指定したファイルを使ってください。",
    "record_place": "記録 {name} を作れません。保存先のフォルダーを確認するか、別の名前を指定してください。",
    "record_waits": "記録 {name} に書き込めません。"
    "ファイルがあるか、ほかのプログラムが使っていないか、空き容量はあるか、確認してください。"
    "授業は続いています（記録待ち {waiting} 区間、失われた区間 {lost}）。",
    "record_unended": "記録 {name} に書き込めません。"
    "ファイルがあるか、ほかのプログラムが使っていないか、空き容量はあるか、確認してください。"
    "授業は終わりましたが、終了時刻と {waiting} 区間がまだ記録されていません（失われた区間 {lost}）。"
    "アプリを止めるか次の授業を始めるまで、書き込みを繰り返し試みます。",
    "record_unreadable": "記録 {name} を読み書きできません。"
    "ほかのプログラムが使っていないか、空き容量はあるか、確認してください。",
    "record_version": "記録 {name} はバージョン {got} ですが、必要なのはバージョン {expected} です。Taido を更新してください。",
    "seats_double": "座席 {number} がほかの座席と重なりすぎています。1 人が二重に数えられるので、どちらかを消してください。",
    "seats_grid": "格子の座席は 1 から {most} までです（{rows} × {columns} が指定されました）。行か列を減らしてください。",
    "seats_needed": "先に座席を 1 つ以上描いてください。",
    "seats_none": "この静止画に学生は見つかりませんでした。座席を描くか、格子で埋めてください。",
    "source_ended": "{name} は終わりました。もう一度使うには、アプリを起動し直してください。",
    "source_unwatched": "{name} の処理が止まりました。アプリを起動し直してください。（{reason}）",
    "still_large": "ファイルは {width} × {height} ピクセルの画像用で、静止画なしで描くには大きすぎます。"
    "先に静止画を選んでください。",
    "still_needed": "先に静止画を選んでください。",
    "teach_agree": "先に、写真に写る全員の同意を確認してください。",
    "teach_full": "{most} 枚がラベル待ちです。先にラベルを付けてください。",
    "teach_nothing": "ラベル待ちの写真がありません。先に撮影するか、写真を選んでください。",
    "teach_nothing_kept": "元に戻せる写真がありません。戻せるのは最後に残した {most} 枚までです。",
    "video_changes": "{seconds} 秒で画面の大きさが変わります。そこで動画を切ってください。",
    "video_cut_short": "動画が途中で切れているか、壊れています。"
    "長さは {length} 秒のはずですが、{seconds} 秒までしか読み込めませんでした。",
    "video_empty": "動画に読み込める画面がありません。もう一度コピーするか、別のファイルを使ってください。",
    "video_ffmpeg": "動画を書き出すには ffmpeg が必要です。インストールしてください（Debian: apt-get install ffmpeg）。",
    "video_heavy": "{name} が大きすぎます。受け付けるのは {most} MB までです。切るか、小さくしてください。",
    "video_large": "動画の画面が {width} × {height} ピクセルで、大きすぎます。小さくしてください。",
    "video_long": "{name} は {hours} 時間より長い動画です。授業ごとに切ってください。",
    "video_slow": "{name} の処理に {seconds} 秒より長くかかりました。短く切るか、1 秒あたりのフレームを減らしてください。",
    "video_unwritten": "動画を書き出せませんでした。空き容量を確認してください。",
    "video_unknown": "{name} は読み込める動画ではないか、壊れています。MP4、WebM、MKV、MOV、AVI を使ってください。",
}


def told(error: TaidoError, language: Language) -> str:
    """The error in the language of the page; in English where it has no code."""
    return told_line(error.message, language)


def told_line(line: str, language: Language) -> str:
    """The same of an error that was not raised, such as a problem of a camera; a text without a kind stays what it is."""
    if language == "en" or not isinstance(line, Message):
        return line
    known = JAPANESE_ERRORS.get(line.code)
    return line if known is None else known.format(**line.values)


@contextmanager
def told_to_programs() -> Iterator[None]:
    """What goes wrong within travels to the client of an endpoint as its sentence, and leaves no traceback in the log."""
    try:
        yield
    except TaidoError as error:
        raise gr.Error(str(error), print_exception=False) from error
