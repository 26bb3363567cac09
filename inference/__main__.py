"""Find and classify students without the app, on this machine only.

python -m inference classify PATH... --model models/attitude.onnx --out predictions.csv
python -m inference classify PATH... --students finder --out predictions.csv
python -m inference find PATH... --out detections.json
python -m inference annotate PATH... --out annotated
python -m inference watch SOURCE --record lessons.db
python -m inference report lessons.db
python -m inference seats FRAME --grid 4x6 --out seats.json
python -m inference info models/attitude.onnx
python -m inference doctor --provider cuda --camera 0
"""

import logging
import sys
from collections.abc import Sequence

from inference.ending import orderly_end
from inference.errors import TaidoError
from inference.printing import close_output, output_fails, print_whatever_comes

STOPPED, INTERRUPTED, UNREAD = 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 all fine, 1 some files failed and the others are done, 2 nothing could be done.

    SIGTERM and a terminal that is closed raise SystemExit, after what was begun is tidied up.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    print_whatever_comes()
    try:
        with orderly_end():
            return _run(argv)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return STOPPED
    except KeyboardInterrupt:
        print("interrupted; no file was left half written", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads the output has seen enough, as `head` does
        close_output()
        return UNREAD
    except OSError as error:
        if not output_fails():
            raise
        close_output()
        print(f"error: Cannot write the output: {error.strerror or error}. Make room, or choose another place.", file=sys.stderr)
        return STOPPED


def _run(argv: Sequence[str] | None) -> int:
    from inference.command_line import parser  # takes seconds, in which somebody may press Ctrl-C

    arguments = parser().parse_args(argv)
    status: int = arguments.run(arguments)
    sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
