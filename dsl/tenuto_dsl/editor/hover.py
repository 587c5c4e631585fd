"""What is told about a place: the declaration of a name, the type of an expression, the meaning of a word."""

from __future__ import annotations

from dataclasses import dataclass

from tenuto_interpreter.expr.kinds import UNKNOWN

from tenuto_dsl.check.expressions.relations import type_text
from tenuto_dsl.diagnostics import CODES
from tenuto_dsl.editor.analysis import Analysis
from tenuto_dsl.editor.completion.items import ATTRIBUTE_NOTES, EFFECT_NOTES, SCALAR_NOTES
from tenuto_dsl.editor.completion.where import expressions_at
from tenuto_dsl.editor.describe import MACROS, doc_of, overloads, signature
from tenuto_dsl.editor.index import Occurrence
from tenuto_dsl.editor.positions import Place, within
from tenuto_dsl.editor.words import WORDS
from tenuto_dsl.explain import explain
from tenuto_dsl.format import expression_text
from tenuto_dsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown, and what it is about."""

    text: str
    span: tree.Span


def hover(analysis: Analysis, place: Place) -> Hover | None:
    found = analysis.index.at(place)
    told = (
        _of_name(analysis, found) if found is not None else _of_expression(analysis, place) or _of_word(analysis, place)
    )
    codes = [item for item in analysis.diagnostics if item.span.file == analysis.name and within(place, item.span)]
    if not codes:
        return told
    rules = "\n\n".join(_rule(item.code) for item in codes[:2])
    if told is None:
        return Hover(rules, codes[0].span)
    return Hover(f"{told.text}\n\n---\n{rules}", told.span)


def _rule(code: str) -> str:
    """What a code means: its title and the first paragraph of its explanation."""
    found = explain(code)
    first = found.text.partition("\n\n")[0] if found is not None else ""
    return f"**{code}**: {CODES[code]}" + (f"\n\n{first}" if first and not first.startswith("```") else "")


def _of_name(analysis: Analysis, found: Occurrence) -> Hover:
    symbol = found.symbol
    if symbol.kind == "import":
        return Hover(f"imports `{symbol.name}`", found.span)
    text = _code(signature(symbol, analysis))
    if symbol.kind == "macro variable":
        type_ = next((t for n, t in analysis.trace.types.items() if n.span == found.span), None)
        if type_ is not None:
            text = _code(f"(macro variable) {symbol.name}: {type_text(type_)}")
    doc = doc_of(symbol.node)
    if doc:
        text += f"\n\n{doc}"
    notes = []
    if symbol.owner:
        notes.append(f"of `{symbol.owner}`")
    if symbol.span.file != analysis.name:
        notes.append(f"in `{symbol.span.file.rpartition('/')[2]}`")
    if isinstance(symbol.node, tree.ActivityDecl):
        text += _options(symbol.node)
        notes += _of_activity(symbol.node)
    narrowed = _narrowed(analysis, found)
    if narrowed is not None:
        notes.append(f"here `{narrowed}`")
    return Hover(text + (f"\n\n{', '.join(notes)}" if notes else ""), found.span)


def _options(node: tree.ActivityDecl) -> str:
    """What bounds the calls of an activity, as one writes it."""
    lines = []
    if node.timeout is not None:
        limits = {word: getattr(node.timeout, word) for word in ("attempt", "overall", "queued", "heartbeat")}
        lines.append(
            "timeout " + " ".join(f"{word} {expression_text(e)}" for word, e in limits.items() if e is not None)
        )
    if node.retry is not None:
        parts = {"backoff": node.retry.backoff, "factor": node.retry.factor, "up to": node.retry.up_to}
        shown = [f"{word} {expression_text(e)}" for word, e in parts.items() if e is not None]
        unless = f" unless {' | '.join(code.text for code in node.retry.unless)}" if node.retry.unless else ""
        lines.append(" ".join((f"retry {expression_text(node.retry.times)} times", *shown)) + unless)
    if node.rate is not None:
        lines.append(f"rate {expression_text(node.rate.count)} per {expression_text(node.rate.per)}")
    for word, value in (("queue", node.queue), ("priority", node.priority)):
        if value is not None:
            lines.append(f"{word} {expression_text(value)}")
    return "\n\n" + _code("\n".join(lines)) if lines else ""


def _of_activity(node: tree.ActivityDecl) -> list[str]:
    notes = []
    match node.binding:
        case tree.PythonBinding(target=target):
            notes.append(f"python `{target}`")
        case tree.HttpBinding(method=method):
            notes.append(f"http {method}")
        case tree.SqlBinding():
            notes.append("sql")
        case None:
            notes.append("a remote worker runs it")
    if node.effect is not None:
        notes.append(f"effect `{node.effect.text}`")
    if node.raises:
        codes = " | ".join(name.text for raises in node.raises for name in raises.codes)
        notes.append(f"raises `{codes}`")
    return notes


def _narrowed(analysis: Analysis, found: Occurrence) -> str | None:
    """What is known of a name at this place beyond its declared type."""
    if found.symbol.kind not in ("variable", "parameter", "let", "binding"):
        return None
    for node, type_ in analysis.trace.types.items():
        if isinstance(node, tree.Ident) and node.span == found.span and type_ != UNKNOWN:
            shown = type_text(type_)
            return None if shown in signature(found.symbol, analysis) else shown
    return None


def _of_expression(analysis: Analysis, place: Place) -> Hover | None:
    for node in expressions_at(analysis, place):
        match node:
            case tree.Call(function=function) if within(place, function.span):
                return _of_function(analysis, node, function)
            case tree.Select(field=field) if within(place, field.span):
                return _typed(analysis, node, field.text, field.span)
            case tree.Ident(name=name):
                return _typed(analysis, node, name, node.span)
            case tree.Literal_(kind=kind):
                return Hover(_code(kind), node.span) if kind != "null" else None
            case _:
                return None
    return None


def _of_function(analysis: Analysis, node: tree.Call, function: tree.Name) -> Hover:
    name = function.text
    if node.target is not None and name in MACROS:
        way, doc = MACROS[name]
        return Hover(f"{_code(way)}\n\n{doc}", function.span)
    ways = overloads("method" if node.target is not None else "function", name)
    if not ways and isinstance(node.target, tree.Ident):
        ways = overloads("function", f"{node.target.name}.{name}")
    type_ = analysis.trace.types.get(node)
    result = f"\n\nhere `{type_text(type_)}`" if type_ is not None and type_ != UNKNOWN else ""
    return Hover(_code("\n".join(ways) or name) + result, function.span)


def _typed(analysis: Analysis, node: tree.Node, name: str, span: tree.Span) -> Hover | None:
    type_ = analysis.trace.types.get(node)
    if type_ is None or type_ == UNKNOWN:
        return None
    return Hover(_code(f"{name}: {type_text(type_)}"), span)


def _of_word(analysis: Analysis, place: Place) -> Hover | None:
    """A word of the language; in YAML a key."""
    line, col = place
    text = analysis.lines.line(line)
    start = end = min(col - 1, len(text))
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    word = text[start:end]
    span = tree.Span(analysis.name, line, start + 1, line, end + 1)
    if not word or _in_comment_or_string(analysis, place):
        return None
    if analysis.form == "yaml":
        from tenuto_dsl.editor.completion.yaml import key_doc

        told = key_doc(analysis, place)
        return Hover(f"**{word}** {told}", span) if told else None
    if word in EFFECT_NOTES and "effect" in text:
        return Hover(f"**effect {word}**: {EFFECT_NOTES[word]}", span)
    doc = WORDS.get(word) or SCALAR_NOTES.get(word) or (ATTRIBUTE_NOTES.get(word) if "attribute" in text else None)
    return Hover(f"**{word}** {doc}", span) if doc else None


def _in_comment_or_string(analysis: Analysis, place: Place) -> bool:
    if any(within(place, comment.span) for comment in analysis.file.comments):
        return True
    before = analysis.lines.line(place[0])[: place[1] - 1]
    return analysis.form == "text" and before.count('"') % 2 == 1


def _code(text: str) -> str:
    return f"```tenuto\n{text}\n```"
