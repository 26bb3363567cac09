"""A copy of labelled frames in which boxes around groups say so, for training the finder.

    python recipes/students/groups.py --frames DATA/classrooms --words discuss --out output/frames

In the collected frames the word `discuss` of one camera stands on boxes around two pupils who talk. A finder that takes them for
students boxes neighbours together. The copy marks them as COCO marks groups (`iscrowd`), which `python -m training.finder` counts
as neither right nor wrong; its pictures are links. Measure on the frames as they were.
"""

import argparse
import json
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=Path, required=True, help="folder with images/ and annotations.json (COCO)")
    parser.add_argument("--words", nargs="+", required=True, help="values of `original` that stand on groups")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    if given.out.exists():
        parser.error(f"{given.out} exists. Name a new folder.")
    content = json.loads((given.frames / "annotations.json").read_text(encoding="utf-8"))
    groups = [annotation for annotation in content["annotations"] if annotation.get("original") in given.words]
    for annotation in groups:
        annotation["iscrowd"] = 1
    given.out.mkdir(parents=True)
    (given.out / "images").symlink_to((given.frames / "images").resolve())
    (given.out / "annotations.json").write_text(json.dumps(content), encoding="utf-8")
    print(json.dumps({"annotations": len(content["annotations"]), "groups": len(groups)}))


if __name__ == "__main__":
    main()
