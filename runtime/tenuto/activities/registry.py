"""Which Python functions are activities, and which of them a workflow's `python "…"` names.

`@tenuto.activity` only marks a function; a `Registry` collects marked functions from the modules and files it is told
to load, and imports the `module:callable` targets of workflow files. There is no global registry: two engines in one
process may know different activities.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, overload

from tenuto_interpreter import ir

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "__tenuto_activity__"


class ActivityLoadError(Exception):
    """A module or a target cannot be loaded. The message is for people and says where to look."""


@overload
def activity(function: F, /) -> F: ...
@overload
def activity(*, name: str) -> Callable[[F], F]: ...
def activity(function: F | None = None, /, *, name: str | None = None) -> F | Callable[[F], F]:
    """Mark a plain or async function as an activity, under its own name or the one given."""

    def mark(target: F) -> F:
        if not callable(target):
            raise TypeError("@tenuto.activity belongs on a function")
        setattr(target, _MARK, name or getattr(target, "__name__", type(target).__name__))
        return target

    return mark if function is None else mark(function)


class Registry:
    """Activities by target and by name. `folders` are where `module:callable` targets are looked for as well."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._targets: dict[str, Callable[..., Any]] = {}
        self._names: dict[str, Callable[..., Any]] = {}
        self._origins: dict[str, str] = {}
        self._rivals: dict[str, list[str]] = {}
        """Names and targets that stand for several functions, each with where these are: nothing is found by them."""
        for folder in folders:
            self.add_folder(folder)

    def add_folder(self, folder: Path) -> None:
        """Make a folder's modules importable; it is searched last, so that it shadows nothing installed."""
        path = str(folder.resolve())
        if path not in sys.path:
            sys.path.append(path)
            importlib.invalidate_caches()

    def load(self, source: str) -> list[str]:
        """Load `--activities MODULE|FILE`; returns the names of the activities found. Raises ActivityLoadError."""
        if source.endswith(".py") or "/" in source or Path(source).is_file():
            module, stem = self._load_file(Path(source)), Path(source).stem
        else:
            module, stem = _import(source, f"activities module {source}"), source
        return self.add_module(module, stem)

    def add_module(self, module: ModuleType, stem: str | None = None) -> list[str]:
        """Register the marked functions of a module. Every function of it can be named as `stem:function`."""
        stem = stem or module.__name__
        origin = getattr(module, "__file__", None) or module.__name__
        found = []
        for attribute, value in list(vars(module).items()):
            if not callable(value) or attribute.startswith("__"):
                continue
            if inspect.isroutine(value) or hasattr(value, _MARK):
                self._take(self._targets, f"{stem}:{attribute}", value, origin)
            name = getattr(value, _MARK, None)
            if isinstance(name, str):
                self._take(self._names, name, value, origin)
                found.append(name)
        return found

    def _take(self, known: dict[str, Callable[..., Any]], key: str, function: Callable[..., Any], origin: str) -> None:
        """Provide a function of a module. Two of one name are no mistake until something is asked for by that name."""
        first = known.setdefault(key, function)
        if first is function or _is_same(first, function):
            self._origins.setdefault(key, origin)
        elif origin not in (rivals := self._rivals.setdefault(key, [self._origins.get(key, "?")])):
            rivals.append(origin)

    def register(self, function: Callable[..., Any], name: str | None = None, origin: str = "") -> None:
        """Provide a function under a name. Raises ActivityLoadError when another function has it."""
        name = name or getattr(function, _MARK, None) or function.__name__
        known = self._names.get(name)
        if known is not None and known is not function:
            raise ActivityLoadError(f"two activities are named {name!r}: in {self._origins[name]} and in {origin}")
        self._names[name] = function
        self._origins[name] = origin or getattr(function, "__module__", "?")

    @property
    def names(self) -> list[str]:
        return sorted(self._names)

    def find(self, source: str, attribute: str) -> Any:
        """Anything by its name in a module, or in a Python file. Raises ActivityLoadError."""
        if source.endswith(".py") or "/" in source:
            module = self._load_file(Path(source))
        else:
            module = _import(source, f"{source}:{attribute}")
        return _attribute(module, attribute, f"{source}:{attribute}")

    def resolve(self, declared: ir.Activity) -> Callable[..., Any]:
        """The function of an activity that has a python binding, or none at all. Raises ActivityLoadError."""
        if declared.python is None:
            return self._by_name(declared.name, f"activity {declared.name} has no binding")
        target = declared.python.target
        if target in self._targets:
            self._demand_one(target, f"activity {declared.name} is python {target!r}", "give the files other names")
            return self._targets[target]
        if ":" not in target:
            return self._by_name(target, f"activity {declared.name} is python {target!r}")
        try:
            function = _import_target(target, declared.name)
        except ActivityLoadError:
            if declared.name in self._names:
                return self._by_name(declared.name, f"activity {declared.name} is python {target!r}")
            raise
        self._targets[target] = function
        return function

    def _by_name(self, name: str, what: str) -> Callable[..., Any]:
        function = self._names.get(name)
        if function is None:
            known = f"; known are {', '.join(self.names)}" if self._names else ""
            raise ActivityLoadError(f"{what}, and no loaded module provides an activity named {name!r}{known}")
        self._demand_one(name, what, "bind it to one of them as module:function")
        return function

    def _demand_one(self, key: str, what: str, remedy: str) -> None:
        if key in self._rivals:
            where = " and in ".join(self._rivals[key])
            raise ActivityLoadError(f"{what}, and two activities are named {key!r}: in {where}; {remedy}")

    def _load_file(self, path: Path) -> ModuleType:
        if not path.is_file():
            raise ActivityLoadError(f"activities file {path}: no such file")
        full = path.resolve()
        self.add_folder(full.parent)
        unique = f"_tenuto_{hashlib.sha256(str(full).encode()).hexdigest()[:8]}_{full.stem}"
        if unique in sys.modules:
            return sys.modules[unique]
        spec = importlib.util.spec_from_file_location(unique, full)
        if spec is None or spec.loader is None:
            raise ActivityLoadError(f"activities file {path}: not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[unique] = module
        try:
            spec.loader.exec_module(module)
        except BaseException as error:
            sys.modules.pop(unique, None)
            if isinstance(error, KeyboardInterrupt):
                raise
            raise ActivityLoadError(f"activities file {path}: {_cause(error)}") from error
        return module


def _is_same(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether two functions are one in the source: its file was loaded by its path and imported by its name."""
    codes = [getattr(inspect.unwrap(function), "__code__", None) for function in (one, other)]
    if any(code is None or code.co_freevars for code in codes):
        return False  # of what a function made, the code says little
    return len({(code.co_filename, code.co_firstlineno, code.co_name) for code in codes if code is not None}) == 1


def _import_target(target: str, activity_name: str) -> Callable[..., Any]:
    module_name, _, attributes = target.partition(":")
    what = f"activity {activity_name} (python {target!r})"
    value = _attribute(_import(module_name, what), attributes, what)
    if not callable(value):
        raise ActivityLoadError(f"{what}: it is not callable")
    function: Callable[..., Any] = value
    return function


def _attribute(value: Any, path: str, what: str) -> Any:
    """What a dotted path of attributes leads to."""
    for attribute in path.split("."):
        try:
            value = getattr(value, attribute)
        except AttributeError:
            where = getattr(value, "__file__", None) or getattr(value, "__name__", "it")
            raise ActivityLoadError(f"{what}: {where} has no {attribute!r}") from None
    return value


def _import(name: str, what: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if missing == name or name.startswith(f"{missing}."):
            raise ActivityLoadError(f"{what}: no module named {missing!r}; is its folder given or installed?") from None
        raise ActivityLoadError(f"{what}: {_cause(error)}") from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ActivityLoadError(f"{what}: importing {name!r} failed: {_cause(error)}") from error


def _cause(error: BaseException) -> str:
    """One line that says what went wrong in the user's file, and on which line of it."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return text
    last = None
    trace = error.__traceback__
    while trace is not None:
        last, trace = trace, trace.tb_next
    if last is not None:
        with contextlib.suppress(ValueError):
            text += f" ({last.tb_frame.f_code.co_filename}:{last.tb_lineno})"
    return text
