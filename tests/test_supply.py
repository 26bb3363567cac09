"""What the program is made of: pinned, hashed, licensed, and nothing executed from a file that only holds data."""

import ast
import re
import sys
from email.message import Message
from importlib.metadata import packages_distributions
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import supply
from tests.supply import closure, forbidden, licence, named, told, unreached
from tests.test_architecture import MAY_IMPORT, imports, sources

ROOT = Path(__file__).parents[1]
ROOMS = ("app.py", "inference", "dashboard", "training", "export", "benchmarks", "recipes")
OPTIONAL = {"mcp"}
"""Libraries without which all else works; a message says how to install them."""
EXECUTING = {"pickle.load", "pickle.loads", "pickle.Unpickler", "joblib.load", "dill.load", "marshal.loads", "eval", "exec"}


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line.rstrip(" \\")) for line in lines if line and not line.startswith((" ", "#"))]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def test_lock_pins_every_requirement_within_its_bounds() -> None:
    locked = pins()
    for requirement in named(["requirements.txt"]):
        pinned = locked[canonicalize_name(requirement.name)]
        (version,) = pinned.specifier
        assert version.operator == "==" and version.version in requirement.specifier


def test_every_pin_has_hashes_and_no_registry_is_named() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    parts = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert len(parts) == len(re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)) >= 50
    assert all("--hash=sha256:" in part for part in parts)
    assert "://" not in text and "index-url" not in text


def test_lock_has_no_library_of_training() -> None:
    assert not pins().keys() & {"torch", "timm", "torchvision", "onnx"}


@pytest.mark.parametrize(
    ("lists", "rooms"),
    [
        (["requirements.txt"], ("app", "dashboard", "inference")),
        (["requirements.txt", "requirements-train.txt"], ("training", "export")),
    ],
)
def test_every_library_that_we_import_is_named(lists: list[str], rooms: tuple[str, ...]) -> None:
    ours = {canonicalize_name(requirement.name) for requirement in named(lists)}
    known = packages_distributions()
    missing = {
        f"{path.relative_to(ROOT)} imports {module}"
        for room in rooms
        for path in sources(room)
        for module in imports(path)
        if module not in {*sys.stdlib_module_names, *MAY_IMPORT, *OPTIONAL}
        and ours.isdisjoint(map(canonicalize_name, known.get(module, [])))
    }
    assert not missing


def test_every_requirement_has_an_upper_bound() -> None:
    lists = [path.name for path in ROOT.glob("requirements*.txt")]
    assert len(lists) == 5
    assert [str(r) for r in named(lists) if not {"<", "=="} & {bound.operator for bound in r.specifier}] == []


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [
        ("MIT", False),
        ("Apache-2.0 OR GPL-2.0-only", False),
        ("LGPL-3.0-or-later", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GPL-3.0-or-later", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0-only", True),
        ("GNU Affero General Public License v3", True),
        ("GPL-2.0-only OR AGPL-3.0-only", True),
        ("", True),
    ],
)
def test_licences_that_bind_the_whole_program_are_found(stated: str, wrong: bool) -> None:
    assert forbidden(stated) is wrong


def test_licence_is_read_from_wherever_it_is_stated() -> None:
    class Library:
        def __init__(self, **fields: str) -> None:
            self.metadata = Message()
            for name, value in {"Name": "x", **fields}.items():
                self.metadata[name.replace("_", "-")] = value

    def of(**fields: str) -> str:
        return licence(cast(Any, Library(**fields)))

    assert of(License_Expression="MIT", License="whole text") == "MIT"
    assert of(Classifier="License :: OSI Approved :: BSD License") == "BSD License"
    assert of(License="ISC\nPermission ...") == "ISC"
    assert of() == ""


def test_no_library_of_ours_is_under_the_gpl() -> None:
    found = closure(named())
    assert {"gradio", "numpy", "torch", "pydantic"} <= found.keys()
    assert {name: licence(library) for name, library in found.items() if forbidden(licence(library))} == {}


@pytest.mark.parametrize(
    ("roots", "brought"),
    [
        (["a"], {"a", "plain"}),
        (["a", "a[b]"], {"a", "plain", "of-b"}),
        (["a[b]", "a"], {"a", "plain", "of-b"}),
        (["a[d]", "c"], {"a", "c", "plain", "of-b", "of-d"}),
    ],
)
def test_library_that_comes_again_with_an_extra_brings_what_that_needs(
    roots: list[str], brought: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = {"a": ["plain", 'of-b; extra == "b"', 'of-d; extra == "d"'], "c": ["a[b]"]}
    monkeypatch.setattr(supply, "distribution", lambda name: SimpleNamespace(requires=needs.get(name)))
    assert closure(map(Requirement, roots)).keys() == brought


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("No known vulnerabilities found\n" + "x Dependency not found on PyPI and could not be audited: x\n" * 60, True),
        ("ERROR: Connection refused", True),
        ("No known vulnerabilities found", False),
        ("Found 1 known vulnerability in 1 package\njinja2 3.0 GHSA-abcd", False),
    ],
)
def test_audit_without_its_database_reassures_nobody(said: str, missing: bool) -> None:
    assert unreached(said) is missing
    assert ("NOT looked up" in told(said, 0)) is missing


def calls(path: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def loads_safely(name: str, call: ast.Call) -> bool:
    """Whether a call executes nothing that stands in the file it reads."""
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if name == "torch.load":
        return given.get("weights_only") == "True"
    if name in {"np.load", "numpy.load"}:
        return given.get("allow_pickle", "False") == "False"
    return name not in EXECUTING


def test_nothing_that_only_holds_data_is_executed() -> None:
    paths = [path for room in ROOMS for path in ([ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py")))]
    assert len(paths) > 80
    found = {
        f"{path.relative_to(ROOT)}:{call.lineno} {name}"
        for path in paths
        for name, call in calls(path)
        if not loads_safely(name, call)
    }
    assert not found


@pytest.mark.parametrize(
    "line", ["torch.load(f)", "torch.load(f, weights_only=False)", "pickle.load(f)", "np.load(f, allow_pickle=True)"]
)
def test_the_search_sees_what_it_looks_for(line: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(line)
    assert [loads_safely(name, call) for name, call in calls(tmp_path / "bad.py")] == [False]
