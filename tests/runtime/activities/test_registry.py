"""Finding activities: by decorator, by target, by name; and what is said when one is not there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tenuto
from tenuto.activities import ActivityLoadError, Registry

from tests.runtime.activities.kit import declared


@pytest.fixture(autouse=True)
def _same_path() -> object:
    before = list(sys.path)
    yield
    sys.path[:] = before


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_file_gives_its_marked_functions(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "acts.py",
        """
import tenuto
from neighbour import helper

@tenuto.activity
def charge(amount): return helper(amount)

@tenuto.activity(name="pack-it")
async def pack(items): return items

def plain(x): return x
""",
    )
    write(tmp_path, "neighbour.py", "def helper(x): return x + 1\n")
    registry = Registry()
    assert sorted(registry.load(str(path))) == ["charge", "pack-it"]
    assert registry.resolve(declared("charge"))(1) == 2
    assert registry.resolve(declared("x", target="pack-it")).__name__ == "pack"
    assert registry.resolve(declared("y", target="acts:plain"))(5) == 5, "unmarked functions go by target"
    assert "acts" not in sys.modules, "a file is imported under a name of its own"


def test_two_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    one = write(tmp_path / "a", "acts.py", "import tenuto\n@tenuto.activity\ndef one(): return 1\n")
    two = write(tmp_path / "b", "acts.py", "import tenuto\n@tenuto.activity\ndef two(): return 2\n")
    registry = Registry()
    registry.load(str(one))
    registry.load(str(two))
    assert registry.resolve(declared("one"))() == 1
    assert registry.resolve(declared("two"))() == 2


def test_targets_are_imported_from_the_folders_given(tmp_path: Path) -> None:
    write(
        tmp_path,
        "shop_for_test/stock.py",
        "class Stock:\n    @staticmethod\n    def reserve(items): return len(items)\n",
    )
    write(tmp_path, "shop_for_test/__init__.py", "")
    registry = Registry([tmp_path])
    assert registry.resolve(declared("r", target="shop_for_test.stock:Stock.reserve"))([1, 2]) == 2


def test_the_decorator_leaves_the_function_alone() -> None:
    @tenuto.activity
    def double(n: int) -> int:
        return n * 2

    assert double(4) == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def broken(:\n", "SyntaxError"),
        ("import nothing_of_this_name\n", "No module named 'nothing_of_this_name'"),
        ("x = 1 / 0\n", "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", "SystemExit"),
    ],
)
def test_a_file_that_cannot_be_loaded_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, "bad.py", text)
    with pytest.raises(ActivityLoadError, match=said) as caught:
        Registry().load(str(path))
    assert "bad.py" in str(caught.value)


def test_what_is_not_there() -> None:
    registry = Registry()
    with pytest.raises(ActivityLoadError, match="no such file"):
        registry.load("nowhere/acts.py")
    with pytest.raises(ActivityLoadError, match="no module named 'nowhere_at_all'"):
        registry.load("nowhere_at_all.acts")
    with pytest.raises(ActivityLoadError, match="no module named 'nowhere_at_all'"):
        registry.resolve(declared("r", target="nowhere_at_all:f"))
    with pytest.raises(ActivityLoadError, match="has no 'nothing'"):
        registry.resolve(declared("r", target="json:nothing"))
    with pytest.raises(ActivityLoadError, match="no binding"):
        registry.resolve(declared("remote"))


def test_two_modules_may_have_an_activity_of_one_name(tmp_path: Path) -> None:
    """A binding says which module's it is; only who asks for the name alone cannot be answered."""
    registry = Registry()
    for module in ("m1", "m2"):
        text = f"import tenuto\n@tenuto.activity\ndef notify(): return {module!r}\n"
        assert registry.load(str(write(tmp_path, f"{module}.py", text))) == ["notify"]
    assert registry.resolve(declared("one", target="m1:notify"))() == "m1"
    assert registry.resolve(declared("two", target="m2:notify"))() == "m2"
    for asked in (declared("notify"), declared("x", target="notify")):
        with pytest.raises(ActivityLoadError, match=r"two activities are named 'notify': in .*m1.py and in .*m2.py"):
            registry.resolve(asked)
    registry.load(str(tmp_path / "m1.py"))
    assert registry.resolve(declared("one", target="m1:notify"))() == "m1", "loaded again, it is the same"


def test_a_file_that_another_imports_by_its_name_is_the_same_file(tmp_path: Path) -> None:
    acts = write(tmp_path, "acts_once.py", "import tenuto\n@tenuto.activity\ndef charge(): return 1\n")
    more = write(tmp_path, "more.py", "from acts_once import charge\n")
    registry = Registry()
    registry.load(str(more))
    registry.load(str(acts))
    registry.load("acts_once")
    for asked in (declared("charge"), declared("x", target="acts_once:charge"), declared("x", target="more:charge")):
        assert registry.resolve(asked)() == 1


def test_functions_that_one_function_made_are_several(tmp_path: Path) -> None:
    write(
        tmp_path,
        "made_acts.py",
        "import tenuto\ndef made(x):\n  @tenuto.activity\n  def act(): return x\n  return act\n",
    )
    registry = Registry()
    for name in ("x1", "x2"):
        registry.load(str(write(tmp_path, f"{name}.py", f"from made_acts import made\nact = made({name!r})\n")))
    with pytest.raises(ActivityLoadError, match=r"two activities are named 'act'"):
        registry.resolve(declared("act"))
    assert registry.resolve(declared("x", target="x2:act"))() == "x2"


def test_two_files_of_one_name_with_a_function_of_one_name(tmp_path: Path) -> None:
    registry = Registry()
    for folder in ("a", "b"):
        registry.load(str(write(tmp_path / folder, "acts.py", f"def run(): return {folder!r}\nrun_{folder} = run\n")))
    assert registry.resolve(declared("x", target="acts:run_b"))() == "b"
    with pytest.raises(ActivityLoadError, match=r"two activities are named 'acts:run'.*give the files other names"):
        registry.resolve(declared("x", target="acts:run"))


def test_two_activities_of_one_name_are_refused() -> None:
    registry = Registry()
    registry.register(len, "size")
    registry.register(len, "size")
    with pytest.raises(ActivityLoadError, match=r"two activities are named 'size'"):
        registry.register(max, "size")
