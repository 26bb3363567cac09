"""What a report of an evaluation says, in English and Japanese.

text("accuracy", "ja")
"""

from inference.words import Language

ENGLISH: dict[str, str] = {
    "title": "Evaluation of {model}",
    "title_crossval": "Cross-validation of {model} by {group}",
    "subtitle": "{n} pictures of {persons} persons from {data}",
    "other_language": "日本語",
    "how_to_read": "How to read this",
    "reading_1": (
        "Every figure carries its number of pictures and a 95 % interval. The interval draws whole persons anew, because pictures "
        "of one person are not independent, and it is never narrower than Wilson's, which takes them as independent and is "
        "given beside the accuracy."
    ),
    "reading_2": (
        "An answer describes what can be seen in a picture: where head and hands are. It says nothing about what somebody "
        "thinks, knows or feels. The parts by person and by camera are about the model, not about the persons."
    ),
    "reading_3": "Where two intervals overlap widely, this test does not tell which of the two is better.",
    "warnings": "Before you believe a score",
    "warn_seen": "{n} of the {of} pictures trained this model ({file}). A score on them says nothing; choose the others with --split.",
    "warn_fingerprint": "The model was trained on exactly these pictures. These scores say nothing about other pictures.",
    "warn_unknown": "Whether the model has seen these pictures in training is not known here. If it has, the scores say nothing.",
    "warn_few_persons": "Only {n} persons: the intervals are rough, and other persons may give quite different scores.",
    "warn_untaught": "{names}: a model had no picture of it to learn from whenever these were scored, because all are in one fold.",
    "warn_absent": "No pictures of {names}: the test says nothing about these answers.",
    "warn_few": "Fewer than 30 pictures of {names}.",
    "warn_failures": "{n} pictures could not be read and are in no score; they are named below.",
    "warn_unlabelled": "{n} pictures have no label and are in no score; they are named below.",
    "figures": "At a glance",
    "accuracy": "Accuracy",
    "accuracy_note": "right answers among all",
    "balanced_accuracy": "Balanced accuracy",
    "balanced_note": "mean recall of the classes, each counts the same",
    "macro_f1": "Macro F1",
    "macro_note": "mean F1 of the classes",
    "ece": "Calibration error",
    "ece_note": "mean distance between score and share of right answers",
    "wilson": "Wilson {interval}",
    "of_n": "{k} of {n}",
    "seeds": "Cross-validation",
    "seeds_note": (
        "{folds} folds by {group}, {seeds} times with other folds: every picture is scored by a model that saw nothing of that "
        "{group}. The parts below are of the first time."
    ),
    "seeds_once": "{folds} folds by {group}: every picture is scored by a model that saw nothing of that {group}.",
    "group_person": "person",
    "group_camera": "camera",
    "seed": "Time {number}",
    "mean": "Mean",
    "curve": "How many photographs are enough?",
    "curve_note": (
        "Scores on persons never seen, learned from so many pictures per class by a regression on a pretrained network. "
        "Fine-tuning scores higher; where this line is flat, further pictures of the same kind help little."
    ),
    "curve_fewer": "(of the rarest class {n})",
    "per_class": "Pictures per class",
    "classes": "By class",
    "class": "Class",
    "pictures": "Pictures",
    "persons": "Persons",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "no_images": "no images",
    "never_answered": "never answered",
    "confusion": "What was taken for what",
    "confusion_note": "Each row is a label, each column an answer; the share is of the row.",
    "answer": "Answer",
    "label": "Label",
    "pairs": "Most confused",
    "share_of_label": "Share of that label",
    "no_pairs": "No wrong answers.",
    "cameras": "By camera",
    "camera": "Camera",
    "dashed": "The dashed line is the accuracy over all pictures.",
    "conditions": "By how the picture was taken",
    "condition_size": "Shorter side, pixels",
    "condition_sharpness": "Sharpness (thirds of these pictures, blurred to sharp)",
    "condition_brightness": "Brightness, mean grey 0 to 255",
    "condition_other": "Column “{name}” of the manifest",
    "conditions_note": (
        "Conditions go together: one camera may give all small and dark pictures. A low score in a line shows where the model "
        "must not be trusted, not that this condition is the cause. Front and side views cannot be measured honestly on the "
        "pixels; with a column for them in manifest.csv they appear here (--by view)."
    ),
    "part": "Part",
    "people": "By person",
    "people_note": (
        "Of {persons} persons {with_enough} have at least {fewest} pictures. Half of these lie between {low} and {high} right "
        "answers, the median is {median}. A person whom the model gets wrong again and again shows what it has not learned."
    ),
    "people_few": "Of {persons} persons none has {fewest} pictures or more.",
    "person": "Person",
    "wrong": "Wrong",
    "calibration": "Do the scores mean what they say?",
    "calibration_note": (
        "On the dashed diagonal 80 % of the answers with a score of 0.8 are right. Points below it: the model is surer than it "
        "may be. Grey columns show how many pictures a point stands for."
    ),
    "score": "Score of the answer",
    "right_answers": "Right answers",
    "uncertain": "Answering less, but rightly",
    "uncertain_on": (
        "Below a score of {least} this model answers “uncertain”. It answers for {answered} of these pictures; {precision} of "
        "these answers are right."
    ),
    "uncertain_off": (
        "This model file sets no score below which it answers “uncertain”. python -m training.calibrate chooses one for a "
        "stated precision."
    ),
    "answered": "Pictures with an answer",
    "least_score": "Least score",
    "mistakes_link": "The wrong answers as pictures ({n}, in a file of its own because it shows persons)",
    "problems": "Pictures in no score",
    "no_label": "no label",
    "about": "About this report",
    "model_file": "Model file",
    "base_model": "Backbone",
    "input_size": "Frame, pixels",
    "temperature": "Temperature",
    "licence": "Licence of the weights",
    "fingerprint": "Pictures of this test",
    "trained_on": "Pictures that trained",
    "made_with": "Every figure stands in report.json, every answer in {table}.",
    "mistakes_title": "Wrong answers of {model}",
    "mistakes_note": (
        "{shown} of {n} wrong answers, the surest first. This page shows photographs of persons: keep it where the photographs are."
    ),
    "mistakes_overlay": (
        "{method} shows which pixels the score of the answer depends on. It does not show a reason, and it can mislead."
    ),
    "review_title": "Labels to look at again",
    "review_note": (
        "{n} lines, numbered as in {csv}. Write keep, relabel:<class> or drop into its column “decision”. This page shows "
        "photographs of persons: keep it where the photographs are."
    ),
    "labelled": "labelled",
    "answered_as": "answered",
    "back": "Back to the report",
}

JAPANESE: dict[str, str] = {
    "title": "{model} の評価",
    "title_crossval": "{model} の{group}別の交差検証",
    "subtitle": "{data} の写真 {n} 枚、{persons} 人",
    "other_language": "English",
    "how_to_read": "読み方",
    "reading_1": (
        "どの値にも写真の枚数と 95 % 区間を付けています。同じ人物の写真は互いに独立ではないため、区間は人物単位の再抽出で求めています。"
        "写真を独立とみなすウィルソンの区間(正解率に併記)より狭くなることはありません。"
    ),
    "reading_2": (
        "答えが表すのは、写真に見える頭や手の位置だけです。考え、理解、気持ちについては何も分かりません。"
        "人物別、カメラ別の値はモデルについてのもので、その人についてのものではありません。"
    ),
    "reading_3": "二つの区間が大きく重なるときは、どちらが良いかはこの試験では分かりません。",
    "warnings": "成績を信じる前に",
    "warn_seen": "{of} 枚のうち {n} 枚はこのモデルの学習に使われています({file})。その成績には意味がありません。--split で残りを選んでください。",
    "warn_fingerprint": "このモデルはまさにこれらの写真で学習しています。他の写真での成績は分かりません。",
    "warn_unknown": "モデルがこれらの写真で学習したかどうかは、ここでは分かりません。学習していれば、成績に意味はありません。",
    "warn_few_persons": "人物は {n} 人だけです。区間は粗く、別の人物では大きく異なる可能性があります。",
    "warn_untaught": "{names}: すべての写真が同じ分割にあり、採点したモデルはこの答えを一枚も学んでいません。",
    "warn_absent": "{names}の写真がありません。この答えについては何も分かりません。",
    "warn_few": "{names} の写真は 30 枚未満です。",
    "warn_failures": "{n} 枚の写真を読み取れませんでした。どの成績にも含まれません。下に名前を示します。",
    "warn_unlabelled": "{n} 枚の写真にラベルがありません。どの成績にも含まれません。下に名前を示します。",
    "figures": "概要",
    "accuracy": "正解率",
    "accuracy_note": "全体に占める正解の割合",
    "balanced_accuracy": "均衡正解率",
    "balanced_note": "各クラスを同じ重みとした再現率の平均",
    "macro_f1": "マクロ F1",
    "macro_note": "各クラスの F1 の平均",
    "ece": "較正誤差",
    "ece_note": "スコアと正解の割合との平均の差",
    "wilson": "ウィルソン {interval}",
    "of_n": "{n} 枚中 {k} 枚",
    "seeds": "交差検証",
    "seeds_note": "{group}ごとに {folds} 分割し、分け方を変えて {seeds} 回。どの写真も、その{group}を見ていないモデルが採点しています。以下の内訳は 1 回目のものです。",
    "seeds_once": "{group}ごとに {folds} 分割。どの写真も、その{group}を見ていないモデルが採点しています。",
    "group_person": "人物",
    "group_camera": "カメラ",
    "seed": "{number} 回目",
    "mean": "平均",
    "curve": "写真は何枚あれば足りるか",
    "curve_note": "学習済みモデルの特徴に回帰を当て、クラスごとにこの枚数で学習したときの、初めての人物での成績です。微調整すればこれより高くなります。線が平らなら、同種の写真を増やしても効果はわずかです。",
    "curve_fewer": "(最も少ないクラスは {n} 枚)",
    "per_class": "クラスごとの写真の枚数",
    "classes": "クラス別",
    "class": "クラス",
    "pictures": "写真",
    "persons": "人数",
    "precision": "適合率",
    "recall": "再現率",
    "f1": "F1",
    "no_images": "写真なし",
    "never_answered": "答えなし",
    "confusion": "何を何と間違えたか",
    "confusion_note": "行がラベル、列が答えです。割合は行に対するものです。",
    "answer": "答え",
    "label": "ラベル",
    "pairs": "多い間違い",
    "share_of_label": "そのラベルに占める割合",
    "no_pairs": "間違いはありません。",
    "cameras": "カメラ別",
    "camera": "カメラ",
    "dashed": "破線は全体の正解率です。",
    "conditions": "撮影条件別",
    "condition_size": "短辺(画素)",
    "condition_sharpness": "鮮明さ(これらの写真の三等分、ぼけたものから)",
    "condition_brightness": "明るさ(平均の濃淡、0〜255)",
    "condition_other": "一覧表の列「{name}」",
    "conditions_note": (
        "条件は互いに関係しています。一台のカメラの写真がどれも小さく暗い、ということもあります。成績が低い行はモデルを信じてはならない場面を示しますが、"
        "その条件が原因だとは限りません。正面と横向きは画素だけからは正しく測れません。manifest.csv に列があればここに示します(--by view)。"
    ),
    "part": "区分",
    "people": "人物別",
    "people_note": (
        "{persons} 人のうち {with_enough} 人に {fewest} 枚以上の写真があります。その半数は正解率が {low} から {high} の間、中央値は {median} です。"
        "何度も間違えられる人物は、モデルがまだ学んでいないものを示しています。"
    ),
    "people_few": "{persons} 人のうち、{fewest} 枚以上の写真がある人物はいません。",
    "person": "人物",
    "wrong": "間違い",
    "calibration": "スコアは額面どおりか",
    "calibration_note": (
        "破線の上では、スコア 0.8 の答えの 80 % が正解です。点が破線より下なら、モデルは自信を持ちすぎています。灰色の柱は点が表す枚数です。"
    ),
    "score": "答えのスコア",
    "right_answers": "正解の割合",
    "uncertain": "答えを減らして、確かにする",
    "uncertain_on": "スコアが {least} 未満のとき、このモデルは「判定できない」と答えます。写真の {answered} に答え、その {precision} が正解です。",
    "uncertain_off": (
        "このモデルには「判定できない」と答える下限がありません。python -m training.calibrate で、望む適合率に合わせて決められます。"
    ),
    "answered": "答えのある写真",
    "least_score": "下限のスコア",
    "mistakes_link": "間違いを写真で見る({n} 枚。人物が写るため別のファイルです)",
    "problems": "成績に含まれない写真",
    "no_label": "ラベルなし",
    "about": "この報告について",
    "model_file": "モデルのファイル",
    "base_model": "基のモデル",
    "input_size": "入力(画素)",
    "temperature": "温度",
    "licence": "重みのライセンス",
    "fingerprint": "試験の写真",
    "trained_on": "学習の写真",
    "made_with": "すべての値は report.json に、すべての答えは {table} にあります。",
    "mistakes_title": "{model} の間違い",
    "mistakes_note": (
        "間違い {n} 枚のうち {shown} 枚を、自信の強い順に示します。人物の写真を含むページです。元の写真と同じ場所で保管してください。"
    ),
    "mistakes_overlay": "{method} は、答えのスコアがどの画素に左右されるかを示します。理由を示すものではなく、誤解を招くこともあります。",
    "review_title": "見直すラベル",
    "review_note": "{n} 行。番号は {csv} の行番号です。列「decision」に keep、relabel:<クラス>、drop のいずれかを書いてください。人物の写真を含むページです。元の写真と同じ場所で保管してください。",
    "labelled": "ラベル",
    "answered_as": "答え",
    "back": "報告に戻る",
}

TEXTS: dict[Language, dict[str, str]] = {"en": ENGLISH, "ja": JAPANESE}


def text(key: str, language: Language, **values: object) -> str:
    """A string with its values; raises KeyError for an unknown key."""
    return TEXTS[language][key].format(**values)
