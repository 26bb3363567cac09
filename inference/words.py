"""What reports of lessons say, in English and Japanese.

text("seen", "ja", seen=duration(2600, "ja"), length=duration(2700, "ja"))
told(change, session.facts)  # 10:20: sleep from 1 to 5
title(session, "en")

A lesson counted from a film has no time of day: what is told of it is the time since its beginning, and the day of processing.
"""

from datetime import datetime, timedelta
from typing import Literal

from inference.changes import Change
from inference.intervals import Interval
from inference.record import SessionFacts
from inference.recorded import RecordedSession
from inference.summary import shares_of

Language = Literal["en", "ja"]
NONE = "–"
"""Where there is no number."""

ENGLISH: dict[str, str] = {
    "lesson": "Lesson {number} · {day} {start} to {end}",
    "lesson_film": "Lesson {number} · film (processed {day}) · {length}",
    "lesson_short": "Lesson {number}",
    "seen": "{seen} of {length}",
    "seen_label": "Seen",
    "students": "{students:.1f} on average",
    "students_label": "Students",
    "few_label": "Not recorded",
    "few": "{length} with fewer than {students} students in view",
    "source_label": "Source",
    "model_label": "Model",
    "finder_label": "Finder",
    "interrupted_label": "Not ended",
    "interrupted": "it was interrupted, or is still running",
    "share_label": "Share",
    "time_label": "Time",
    "elapsed_label": "Since the beginning",
    "difference_label": "Difference",
    "points": "{points:+d} points",
    "uncertain": "uncertain",
    "changes_label": "Changes",
    "change": "{time}: {name} from {before} to {after}",
    "no_changes": "none",
    "withheld": "Shares are withheld for fewer than {students} students.",
    "no_claim": "A difference between two lessons says neither why it is there nor whether it is more than chance.",
    "nothing_seen": "nothing seen",
    "too_few": "not recorded (fewer than {students})",
    "picture_subtitle": "{students} students on average · {seen} of {length} seen",
    "picture_interrupted": " · not ended",
    "picture_means": "Students on average",
}

JAPANESE: dict[str, str] = {
    "lesson": "授業 {number}・{day} {start}〜{end}",
    "lesson_film": "授業 {number}・動画（処理日 {day}）・{length}",
    "lesson_short": "授業 {number}",
    "seen": "{length}のうち {seen}",
    "seen_label": "観測時間",
    "students": "平均 {students:.1f} 人",
    "students_label": "学生",
    "few_label": "記録なし",
    "few": "学生が {students} 人未満だった {length}",
    "source_label": "映像",
    "model_label": "モデル",
    "finder_label": "学生の検出",
    "interrupted_label": "未終了",
    "interrupted": "中断されたか、まだ記録中です",
    "share_label": "割合",
    "time_label": "時刻",
    "elapsed_label": "経過時間",
    "difference_label": "差",
    "points": "{points:+d} ポイント",
    "uncertain": "判定できない",
    "changes_label": "変化",
    "change": "{time} {name}: {before} 人から {after} 人へ",
    "no_changes": "なし",
    "withheld": "学生が {students} 人未満の場合、割合は表示しません。",
    "no_claim": "2 つの授業の差からは、その理由も、偶然を超えるものかどうかも分かりません。",
    "nothing_seen": "映像なし",
    "too_few": "{students} 人未満のため記録なし",
    "picture_subtitle": "学生は平均 {students} 人・{length}のうち {seen}を観測",
    "picture_interrupted": "・未終了",
    "picture_means": "学生の平均人数",
}

TEXTS: dict[Language, dict[str, str]] = {"en": ENGLISH, "ja": JAPANESE}

ATTITUDES: dict[Language, dict[str, str]] = {
    "en": {
        "looking-ahead": "Looking ahead",
        "looking-down": "Looking down",
        "sleep": "Sleeping",
        "touching-pda": "Touching a phone",
    },
    "ja": {
        "looking-ahead": "前を見ている",
        "looking-down": "下を見ている",
        "sleep": "眠っている",
        "touching-pda": "スマホを触っている",
    },
}
"""What people call the four default attitudes; any other class is called as its folder is."""

_UNITS: dict[Language, tuple[str, str, str]] = {"en": (" h", " min", " s"), "ja": (" 時間", " 分", " 秒")}


def text(key: str, language: Language, **values: object) -> str:
    """A string with its values; raises KeyError for an unknown key."""
    return TEXTS[language][key].format(**values)


def attitude(class_name: str, language: Language) -> str:
    """What a report calls a class; in English as its folder is, which is the name in tables for programs, too."""
    return class_name if language == "en" else spoken(class_name, language)


def spoken(class_name: str, language: Language) -> str:
    """What a page calls a class."""
    return ATTITUDES[language].get(class_name, class_name)


def told(change: Change, facts: SessionFacts, language: Language = "en") -> str:
    """A change in words, with its time."""
    name = attitude(facts.class_names[change.class_index], language)
    return text("change", language, time=time_in(facts, change.seconds), name=name, before=change.before, after=change.after)


def title(session: RecordedSession, language: Language) -> str:
    """Which lesson of a file it is, and when it was; of a film how long it is, and when it was processed."""
    facts, day = session.facts, f"{session.facts.started_at:%Y-%m-%d}"
    if not facts.live:
        return text("lesson_film", language, number=session.id, day=day, length=duration(session.length, language))
    start, end = time_in(facts, 0), time_in(facts, session.length)
    return text("lesson", language, number=session.id, day=day, start=start, end=end)


def time_in(facts: SessionFacts, seconds: float) -> str:
    """So many seconds after the lesson began: the time of day; of a film the time since its beginning."""
    return time_of_day(facts.started_at, seconds) if facts.live else elapsed(seconds)


def elapsed(seconds: float) -> str:
    """`0:05:00`."""
    return str(timedelta(seconds=int(seconds)))


def time_of_day(started_at: datetime, seconds: float, *, exact: bool = False) -> str:
    """`10:20`, so many seconds after the start, in the time zone of the start; `exact`: `10:20:30`."""
    return (started_at + timedelta(seconds=seconds)).strftime("%H:%M:%S" if exact else "%H:%M")


def duration(seconds: float, language: Language) -> str:
    """`1 h 5 min`, `43 min 20 s`, `40 s`: the two largest units that are there."""
    whole = round(seconds)
    parts = [*zip((whole // 3600, whole // 60 % 60, whole % 60), _UNITS[language], strict=True)]
    first = next((i for i, (number, _) in enumerate(parts) if number), len(parts) - 1)
    kept = [f"{number}{unit}" for number, unit in parts[first : first + 2] if number]
    return " ".join(kept) or f"0{_UNITS[language][2]}"


def mean_count(count: float, mean: Interval) -> str:
    """`15.4`, one of the counts of `mean`; none where nothing was seen, or nothing kept."""
    return f"{count:.1f}" if mean.seconds else NONE


def count_and_share(count: float, students: float) -> str:
    """`15.4 (62%)`; the count alone where shares are withheld."""
    shares = shares_of([count], students)
    return f"{count:.1f}" if shares is None else f"{count:.1f} ({shares[0]:.0%})"
