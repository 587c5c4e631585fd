"""From the text of a filter to one that a store takes, with the attributes that deployed workflows declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenuto_interpreter.ir import Program

from tenuto.client.errors import BadFilter

if TYPE_CHECKING:
    from tenuto_dsl.filters import Filter

    from tenuto.store.protocol import ClientStore


def run_filter(store: ClientStore, source: str) -> Filter:
    """Raises BadFilter."""
    from tenuto_dsl.diagnostics import Diagnostics
    from tenuto_dsl.filters import translate

    from tenuto.store.filters import FIRST_PLACE, run_columns

    kinds = declared_attributes(store) if "attributes" in source else {}
    times = [name for name, found in kinds.items() if found == {"timestamp"}]
    sink = Diagnostics()
    made = translate(source, run_columns(times), sink, now=store.now(), first=FIRST_PLACE)
    if made is None:
        raise BadFilter(sink.items)
    return made


def doubts(store: ClientStore, source: str) -> list[str]:
    """What may be wrong with a filter that has found nothing: attributes that no deployed workflow declares."""
    from tenuto_interpreter.values.shape import nearest

    declared = declared_attributes(store) if "attributes" in source else {}
    unknown = sorted(run_filter(store, source).fields - declared.keys()) if declared else []
    said = []
    for name in unknown:
        meant = nearest(name, list(declared))
        said.append(
            f"no deployed workflow declares the attribute {name}" + (f"; did you mean {meant}?" if meant else "")
        )
    return said


def declared_attributes(store: ClientStore) -> dict[str, set[str]]:
    """The attributes of deployed workflows, and the kinds that they are declared with."""
    kinds: dict[str, set[str]] = {}
    for workflow in store.workflows():
        definition = store.definition(workflow)
        if definition is None:
            continue
        try:
            program = Program.decode(definition.program)
        except ValueError:  # of a newer program: its attributes are read as they are
            continue
        for attribute in program.attributes:
            kinds.setdefault(attribute.name, set()).add(attribute.kind)
    return kinds
