"""`python -m export`: see `export.convert`; `python -m export tune`: see `export.tune`."""

import sys


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["tune"]:
        from export.tune import main as tune

        return tune(arguments[1:])
    from export import convert

    return convert.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
