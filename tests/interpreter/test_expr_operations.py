"""Every operation of the table, by example: one that gives a value and, where it can fail, one that fails."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tenuto_interpreter.expr import TABLE, Context, ExpressionError
from tenuto_interpreter.expr.compiler import operation_function
from tenuto_interpreter.expr.schedules import cron

D = Decimal
MAX, MIN, UMAX = 2**63 - 1, -(2**63), 2**64 - 1
T = datetime(2026, 3, 29, 1, 30, 15, 250_000, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONG = timedelta(days=3_652_500)
PARIS = "Europe/Paris"

Case = tuple[str, tuple[Any, ...], Any]


class Fails:
    """The expected outcome of a case that has no value: part of its message."""

    def __init__(self, message: str) -> None:
        self.message = message


def fails(message: str) -> Fails:
    return Fails(message)


CASES: list[Case] = [
    ("add_int", (2, 3), 5),
    ("add_int", (MAX, 1), fails("64 bits")),
    ("add_int", (MIN, -1), fails("64 bits")),
    ("add_uint", (2, 3), 5),
    ("add_uint", (UMAX, 1), fails("64 bits")),
    ("add_double", (0.5, 0.25), 0.75),
    ("add_decimal", (D("0.1"), D("0.2")), D("0.3")),
    ("add_decimal_int", (D("0.1"), 2), D("2.1")),
    ("add_int_decimal", (2, D("0.1")), D("2.1")),
    ("add_string", ("a", "b"), "ab"),
    ("add_string", ("a" * 2**20, "b"), fails("characters")),
    ("add_bytes", (b"a", b"b"), b"ab"),
    ("add_list", ([1], [2]), [1, 2]),
    ("add_list", ([1] * 60_000, [2] * 60_000), fails("items")),
    ("add_timestamp_duration", (T, HOUR), T + HOUR),
    ("add_duration_timestamp", (HOUR, T), T + HOUR),
    ("add_timestamp_duration", (T, LONG), fails("out of range")),
    ("add_duration", (HOUR, HOUR), 2 * HOUR),
    ("add_duration", (LONG, LONG), fails("10,000 years")),
    ("subtract_int", (2, 3), -1),
    ("subtract_int", (MIN, 1), fails("64 bits")),
    ("subtract_uint", (3, 2), 1),
    ("subtract_uint", (2, 3), fails("below zero")),
    ("subtract_double", (0.5, 0.25), 0.25),
    ("subtract_decimal", (D("0.3"), D("0.1")), D("0.2")),
    ("subtract_decimal_int", (D("0.3"), 1), D("-0.7")),
    ("subtract_int_decimal", (1, D("0.3")), D("0.7")),
    ("subtract_timestamp", (T + HOUR, T), HOUR),
    ("subtract_timestamp_duration", (T, HOUR), T - HOUR),
    ("subtract_duration", (HOUR, HOUR), timedelta()),
    ("multiply_int", (6, 7), 42),
    ("multiply_int", (MAX, 2), fails("64 bits")),
    ("multiply_uint", (6, 7), 42),
    ("multiply_double", (1.5, 2.0), 3.0),
    ("multiply_double", (1e308, 10.0), math.inf),
    ("multiply_decimal", (D("1.10"), D("3")), D("3.30")),
    ("multiply_decimal_int", (D("1.10"), 3), D("3.30")),
    ("multiply_int_decimal", (3, D("1.10")), D("3.30")),
    ("multiply_decimal", (D("1e6000"), D("1e6000")), fails("range")),
    ("multiply_duration_int", (HOUR, 2), 2 * HOUR),
    ("multiply_int_duration", (2, HOUR), 2 * HOUR),
    ("multiply_duration_int", (HOUR, MAX), fails("10,000 years")),
    ("divide_int", (7, 2), 3),
    ("divide_int", (-7, 2), -3),
    ("divide_int", (7, -2), -3),
    ("divide_int", (1, 0), fails("zero")),
    ("divide_int", (MIN, -1), fails("64 bits")),
    ("divide_uint", (7, 2), 3),
    ("divide_double", (1.0, 0.0), math.inf),
    ("divide_double", (-1.0, 0.0), -math.inf),
    ("divide_double", (1.0, 4.0), 0.25),
    ("divide_decimal", (D(1), D(8)), D("0.125")),
    ("divide_decimal", (D(1), D(0)), fails("zero")),
    ("divide_decimal", (D(0), D(0)), fails("")),
    ("divide_decimal_int", (D(1), 8), D("0.125")),
    ("divide_int_decimal", (1, D(8)), D("0.125")),
    ("divide_duration_int", (HOUR, 2), HOUR / 2),
    ("divide_duration_int", (HOUR, 0), fails("zero")),
    ("modulo_int", (-7, 3), -1),
    ("modulo_int", (7, -3), 1),
    ("modulo_int", (1, 0), fails("zero")),
    ("modulo_uint", (7, 3), 1),
    ("negate_int", (3,), -3),
    ("negate_int", (MIN,), fails("64 bits")),
    ("negate_double", (1.5,), -1.5),
    ("negate_decimal", (D("1.5"),), D("-1.5")),
    ("negate_duration", (HOUR,), -HOUR),
    ("in_list", (1, [2, 1.0]), True),
    ("in_list", (True, [1]), False),
    ("in_plain", ("a", ["a", "b"]), True),
    ("in_map", ("a", {"a": 1}), True),
    ("index_list", ([1, 2], 1), 2),
    ("index_list", ([1, 2], -1), fails("2 items")),
    ("index_map", ({"a": 1}, "a"), 1),
    ("index_map", ({"a": 1}, "b"), fails("no such key: b")),
    ("int_int", (1,), 1),
    ("int_uint", (1,), 1),
    ("int_uint", (UMAX,), fails("64 bits")),
    ("int_double", (-3.9,), -3),
    ("int_double", (1e19,), fails("64 bits")),
    ("int_double", (math.nan,), fails("nan")),
    ("int_decimal", (D("-4.7"),), -4),
    ("int_decimal", (D("1e30"),), fails("64 bits")),
    ("int_string", ("-12",), -12),
    ("int_string", ("1.0",), fails("not an int")),
    ("int_string", ("9" * 19,), fails("64 bits")),
    ("int_string", ("９",), fails("not an int")),
    ("int_timestamp", (T,), 1774747815),
    ("int_duration", (-HOUR / 7,), -514),
    ("uint_uint", (1,), 1),
    ("uint_int", (1,), 1),
    ("uint_int", (-1,), fails("below zero")),
    ("uint_double", (1.9,), 1),
    ("uint_double", (-1.5,), fails("below zero")),
    ("uint_string", ("12",), 12),
    ("uint_string", ("-1",), fails("not a uint")),
    ("double_double", (1.5,), 1.5),
    ("double_int", (1,), 1.0),
    ("double_uint", (1,), 1.0),
    ("double_decimal", (D("1.5"),), 1.5),
    ("double_string", ("1e3",), 1000.0),
    ("double_string", ("1_0",), fails("not a double")),
    ("decimal_string", ("1.50",), D("1.50")),
    ("decimal_string", ("x",), fails("not a decimal")),
    ("decimal_int", (5,), D(5)),
    ("decimal_uint", (5,), D(5)),
    ("decimal_double", (0.1,), D("0.1")),
    ("decimal_double", (math.inf,), fails("inf")),
    ("decimal_decimal", (D(5),), D(5)),
    ("string_string", ("a",), "a"),
    ("string_bool", (True,), "true"),
    ("string_int", (-1,), "-1"),
    ("string_uint", (1,), "1"),
    ("string_double", (1.0,), "1"),
    ("string_double", (0.1,), "0.1"),
    ("string_double", (math.nan,), "NaN"),
    ("string_double", (-math.inf,), "-Inf"),
    ("string_decimal", (D("1.50"),), "1.50"),
    ("string_decimal", (D("1E+3"),), "1000"),
    ("string_timestamp", (T,), "2026-03-29T01:30:15.250000Z"),
    ("string_duration", (1.5 * HOUR,), "1h30m"),
    ("string_bytes", ("é".encode(),), "é"),
    ("string_bytes", (b"\xff",), fails("UTF-8")),
    ("bool_bool", (True,), True),
    ("bool_string", ("true",), True),
    ("bool_string", ("f",), False),
    ("bool_string", ("yes",), fails("not a bool")),
    ("bytes_bytes", (b"a",), b"a"),
    ("bytes_string", ("é",), b"\xc3\xa9"),
    ("timestamp_timestamp", (T,), T),
    ("timestamp_string", ("2026-03-29T03:30:15.25+02:00",), T),
    ("timestamp_string", ("2026-03-29",), fails("RFC 3339")),
    ("timestamp_string", ("2026-02-30T00:00:00Z",), fails("exists")),
    ("timestamp_int", (1774747815,), T.replace(microsecond=0)),
    ("timestamp_int", (MAX,), fails("out of range")),
    ("duration_duration", (HOUR,), HOUR),
    ("duration_string", ("90m",), 1.5 * HOUR),
    ("duration_string", ("x",), fails("not a duration")),
    ("dyn", (1,), 1),
    ("type", (1,), "int"),
    ("type", (None,), "null"),
    ("type", ([],), "list"),
    ("size_string", ("é€",), 2),
    ("size_bytes", (b"ab",), 2),
    ("size_list", ([1],), 1),
    ("size_map", ({},), 0),
    ("contains", ("abc", "b"), True),
    ("starts_with", ("abc", "b"), False),
    ("ends_with", ("abc", "c"), True),
    ("char_at", ("abc", 1), "b"),
    ("char_at", ("abc", 3), ""),
    ("char_at", ("abc", 4), fails("3 characters")),
    ("index_of", ("abcb", "b"), 1),
    ("index_of_from", ("abcb", "b", 2), 3),
    ("index_of_from", ("abcb", "b", 9), fails("range")),
    ("last_index_of", ("abcb", "b"), 3),
    ("last_index_of_from", ("abcb", "b", 2), 1),
    ("last_index_of_from", ("a", "b", -1), fails("range")),
    ("join", (["a", "b"],), "ab"),
    ("join_by", (["a", "b"], "-"), "a-b"),
    ("join_by", (["a" * 2**19] * 3, "-"), fails("characters")),
    ("lower_ascii", ("AÉ",), "aÉ"),
    ("upper_ascii", ("aé",), "Aé"),
    ("replace", ("aaa", "a", "b"), "bbb"),
    ("replace", ("a" * 2**11, "a", "b" * 2**10), fails("characters")),
    ("replace_some", ("aaa", "a", "b", 2), "bba"),
    ("replace_some", ("aaa", "a", "b", -1), "bbb"),
    ("split", ("a,b", ","), ["a", "b"]),
    ("split", ("ab", ""), ["a", "b"]),
    ("split_some", ("a,b,c", ",", 2), ["a", "b,c"]),
    ("split_some", ("a,b", ",", 0), []),
    ("split_some", ("abc", "", 2), ["a", "bc"]),
    ("split_some", ("a,b", ",", -1), ["a", "b"]),
    ("substring", ("abc", 1, 2), "b"),
    ("substring", ("abc", 2, 1), fails("substring")),
    ("substring_from", ("abc", 1), "bc"),
    ("substring_from", ("abc", -1), fails("substring")),
    ("trim", (" \t\u2003a\n",), "a"),
    ("reverse_string", ("abc",), "cba"),
    ("quote", ('a"\n',), '"a\\"\\n"'),
    ("matches", ("abc", "^a.c$"), True),
    ("matches", ("abc", "b"), True),
    ("matches", ("abc", "(b"), fails("not a regular expression")),
    ("matches", ("a" * 10_000 + "b", "(a+)+$"), False),
    ("matches", ("a", "x" * 1001), fails("1000 characters")),
    (
        "format_string",
        ("%s %d %.2f %e %x %X %o %b %%", ["a", 3, 2.5, 1.5, 255, "hi", 8, 5]),
        "a 3 2.50 1.500000e+00 ff 6869 10 101 %",
    ),
    (
        "format_string",
        ("%s", [[1, {"a": None}, True, 1.0, b"x", D("1.0"), HOUR, T]]),
        "[1, {a: null}, true, 1, x, 1.0, 1h, 2026-03-29T01:30:15.250000Z]",
    ),
    ("format_string", ("%s", []), fails("more clauses")),
    ("format_string", ("", [1]), fails("more values")),
    ("format_string", ("%q", [1]), fails("no clause")),
    ("format_string", ("%.1000000000f", [1.0]), fails("precision")),
    ("format_string", ("%d", ["x"]), fails("needs a number")),
    ("format_string", ("%x", [1.5]), fails("needs an int")),
    ("math_abs_int", (-3,), 3),
    ("math_abs_int", (MIN,), fails("64 bits")),
    ("math_abs_uint", (3,), 3),
    ("math_abs_double", (-1.5,), 1.5),
    ("math_abs_decimal", (D("-1.5"),), D("1.5")),
    ("math_ceil", (1.2,), 2.0),
    ("math_floor", (-1.2,), -2.0),
    ("math_trunc", (-1.7,), -1.0),
    ("math_round", (2.5,), 3.0),
    ("math_round", (-2.5,), -3.0),
    ("math_round", (math.inf,), math.inf),
    ("math_ceil", (math.inf,), math.inf),
    ("math_ceil_decimal", (D("1.2"),), D(2)),
    ("math_floor_decimal", (D("-1.2"),), D(-2)),
    ("math_trunc_decimal", (D("-1.7"),), D(-1)),
    ("math_round_decimal", (D("2.5"),), D(3)),
    ("math_round_decimal_digits", (D("2.345"), 2), D("2.35")),
    ("math_round_decimal_digits", (D("2.345"), 99), fails("digits")),
    ("math_sign_int", (-5,), -1),
    ("math_sign_uint", (5,), 1),
    ("math_sign_double", (-0.5,), -1.0),
    ("math_sign_decimal", (D(0),), 0),
    ("math_is_nan", (math.nan,), True),
    ("math_is_inf", (math.inf,), True),
    ("math_is_finite", (1.0,), True),
    ("math_sqrt", (9.0,), 3.0),
    ("math_bit_and", (6, 3), 2),
    ("math_bit_or", (6, 3), 7),
    ("math_bit_xor", (6, 3), 5),
    ("math_bit_not", (0,), -1),
    ("math_sqrt_int", (9,), 3.0),
    ("math_sqrt_uint", (9,), 3.0),
    ("math_bit_and_uint", (UMAX, 6), 6),
    ("math_bit_or_uint", (5, 2), 7),
    ("math_bit_xor_uint", (5, 1), 4),
    ("math_bit_not_uint", (0,), UMAX),
    ("math_bit_left_uint", (UMAX, 1), UMAX - 1),
    ("math_bit_right_uint", (UMAX, 63), 1),
    ("math_bit_right_uint", (UMAX, -1), fails("less than zero")),
    ("optional_of_non_zero", ("",), None),
    ("optional_of_non_zero", ("x",), "x"),
    ("optional_unwrap", ([1, None, 2],), [1, 2]),
    ("unwrap_opt", ([None],), []),
    ("math_bit_left", (1, 63), MIN),
    ("math_bit_left", (1, 64), 0),
    ("math_bit_left", (1, -1), fails("shift")),
    ("math_bit_right", (-1, 63), 1),
    ("math_bit_right", (1, -1), fails("shift")),
    ("slice", ([1, 2, 3], 1, 2), [2]),
    ("slice", ([1], 0, 2), fails("slice")),
    ("flatten", ([[1], [2, 3]],), [1, 2, 3]),
    ("flatten_depth", ([[1, [2]]], 2), [1, 2]),
    ("flatten_depth", ([1], -1), fails("below zero")),
    ("distinct", ([1, 1.0, True, "1"],), [1, True, "1"]),
    ("distinct", ([{"a": [1]}, {"a": [1]}],), [{"a": [1]}]),
    ("reverse_list", ([1, 2],), [2, 1]),
    ("first", ([1],), 1),
    ("first", ([],), None),
    ("last", ([1, 2],), 2),
    ("last", ([],), None),
    ("value", (1,), 1),
    ("value", (None,), fails("null")),
    ("keys", ({"a": 1},), ["a"]),
    ("values", ({"a": 1},), [1]),
    ("range", (3,), [0, 1, 2]),
    ("range", (-1,), []),
    ("range", (10**12,), fails("items")),
    ("sets_contains", ([1, 2], [2.0]), True),
    ("sets_equivalent", ([1, 2], [2, 1, 1]), True),
    ("sets_intersects", ([[1]], [[1]]), True),
    ("getFullYear", (T,), 2026),
    ("getMonth", (T,), 2),
    ("getDate", (T,), 29),
    ("getDayOfMonth", (T,), 28),
    ("getDayOfWeek", (T,), 0),
    ("getDayOfYear", (T,), 87),
    ("getHours", (T,), 1),
    ("getMinutes", (T,), 30),
    ("getSeconds", (T,), 15),
    ("getMilliseconds", (T,), 250),
    ("getFullYear_zone", (T, PARIS), 2026),
    ("getMonth_zone", (T, PARIS), 2),
    ("getDate_zone", (T, PARIS), 29),
    ("getDayOfMonth_zone", (T, PARIS), 28),
    ("getDayOfWeek_zone", (T, PARIS), 0),
    ("getDayOfYear_zone", (T, PARIS), 87),
    ("getHours_zone", (T, PARIS), 3),
    ("getHours_zone", (T, "-05:30"), 20),
    ("getHours_zone", (T, "Mars/X"), fails("no time zone")),
    ("getHours_zone", (T, "../../etc/passwd"), fails("no time zone")),
    ("getMinutes_zone", (T, PARIS), 30),
    ("getSeconds_zone", (T, PARIS), 15),
    ("getMilliseconds_zone", (T, PARIS), 250),
    ("getHours_duration", (1.5 * HOUR,), 1),
    ("getMinutes_duration", (-1.5 * HOUR,), -90),
    ("getSeconds_duration", (HOUR,), 3600),
    ("getMilliseconds_duration", (timedelta(seconds=1, milliseconds=5),), 5),
    ("calendar", (datetime(2026, 1, 31, 9, tzinfo=UTC), "P1M", "UTC"), datetime(2026, 2, 28, 9, tzinfo=UTC)),
    ("calendar", (datetime(2026, 3, 28, 1, 30, tzinfo=UTC), "P1D", PARIS), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ("calendar", (datetime(2026, 3, 22, 11, tzinfo=UTC), "P14D", PARIS), datetime(2026, 4, 5, 10, tzinfo=UTC)),
    ("calendar", (T, "-P1YT1H", "UTC"), T.replace(year=2025) - HOUR),
    ("calendar", (T, "PT1H", PARIS), T + HOUR),
    ("calendar", (T, "1M", "UTC"), fails("not a period")),
    ("calendar", (T, "P9000Y", "UTC"), fails("years 1 to 9999")),
    (
        "format_timestamp",
        (T, "yyyy-MM-dd'T'HH:mm:ss.SSS xxx EEE MMM d h a ''", PARIS),
        "2026-03-29T03:30:15.250 +02:00 Sun Mar 29 3 AM '",
    ),
    ("format_timestamp_utc", (T, "yy/M/dd z XXX"), "26/3/29 UTC Z"),
    ("format_timestamp_utc", (T, "q"), fails("not a field")),
    ("format_timestamp_utc", (T, "'x"), fails("quote")),
    ("cron", ("0 9 * * MON",), {"cron": "0 9 * * MON", "zone": "UTC", "policy": "once"}),
    ("cron", ("x",), fails("not a cron")),
    ("cron_zone", ("0 9 * * *", PARIS), {"cron": "0 9 * * *", "zone": PARIS, "policy": "once"}),
    ("cron_zone_policy", ("0 9 * * *", PARIS, "skip"), {"cron": "0 9 * * *", "zone": PARIS, "policy": "skip"}),
    ("cron_zone_policy", ("0 9 * * *", PARIS, "x"), fails("not a policy")),
    ("cron_zone", ("0 9 * * *", "X/Y"), fails("no time zone")),
    ("next", (cron("0 9 * * *"),), datetime(1970, 1, 1, 9, tzinfo=UTC)),
    ("next_after", (cron("0 9 * * *", PARIS), T), datetime(2026, 3, 29, 7, tzinfo=UTC)),
    ("next_after", (cron("0 0 30 2 *"), T), None),
    ("sha256", ("123456",), "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92"),
    ("sha256_bytes", (b"123456",), "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92"),
    ("base64_encode", (b"hi",), "aGk="),
    ("base64_decode", ("aGk",), b"hi"),
    ("base64_decode", ("%",), fails("base64")),
    ("now", (), datetime(1970, 1, 1, tzinfo=UTC)),
    ("random", (), 0.5),
    ("uuid", (), "u"),
    ("active", ("s",), True),
    ("attempts", ("a",), 3),
    ("calls", ("f",), 2),
    ("secret", ("K",), "s-K"),
]

for _kind, _a, _b in (
    ("int", 1, 2),
    ("uint", 1, 2),
    ("double", 1.0, 2.0),
    ("decimal", D(1), D(2)),
    ("string", "a", "b"),
    ("bytes", b"a", b"b"),
    ("bool", False, True),
    ("timestamp", T, T + HOUR),
    ("duration", HOUR, 2 * HOUR),
    ("int_double", 1, 1.5),
    ("double_int", 0.5, 1),
    ("int_uint", 1, 2),
    ("uint_int", 1, 2),
    ("uint_double", 1, 1.5),
    ("double_uint", 0.5, 1),
    ("int_decimal", 1, D("1.5")),
    ("decimal_int", D("0.5"), 1),
):
    CASES += [(f"less_{_kind}", (_a, _b), True), (f"less_equal_{_kind}", (_b, _a), False)]
    CASES += [(f"greater_{_kind}", (_a, _b), False), (f"greater_equal_{_kind}", (_b, _a), True)]
    if f"min_{_kind}" in TABLE.by_id:
        CASES += [
            (f"min_{_kind}", ([_b, _a],), _a),
            (f"max_{_kind}", ([_a, _b],), _b),
            (f"sort_{_kind}", ([_b, _a],), [_a, _b]),
        ]
        CASES += [(f"min_{_kind}", ([],), fails("empty")), (f"max_{_kind}", ([],), fails("empty"))]
    if f"math_least_{_kind}" in TABLE.by_id:
        CASES += [(f"math_least_{_kind}", (_b, _a, _b), _a), (f"math_greatest_{_kind}", (_a, _b), _b)]
        CASES += [(f"math_least_list_{_kind}", ([_b, _a],), _a), (f"math_greatest_list_{_kind}", ([_a, _b],), _b)]
        CASES += [(f"math_least_list_{_kind}", ([],), fails("empty"))]


def context() -> Context:
    return Context(
        random=lambda: 0.5,
        uuid=lambda: "u",
        active=lambda path: path == "s",
        attempts=lambda activity: 3,
        calls=lambda name: 2,
        secret=lambda name: f"s-{name}",
    )


def run(id_: str, args: tuple[Any, ...]) -> Any:
    try:
        return operation_function(id_)(context(), *args)
    except ExpressionError as error:
        return error


@pytest.mark.parametrize(("id_", "args", "expected"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_operation(id_: str, args: tuple[Any, ...], expected: Any) -> None:
    found = run(id_, args)
    if isinstance(expected, Fails):
        assert isinstance(found, ExpressionError), found
        assert expected.message in str(found)
        assert not TABLE.by_id[id_].total or "costs" in str(found)
    else:
        assert found == expected
        assert type(found) is type(expected)
        assert not isinstance(expected, float) or math.copysign(1, expected) == math.copysign(1, found)


def test_every_operation_has_a_case() -> None:
    covered = {id_ for id_, _, _ in CASES}
    missing = [id_ for id_ in TABLE.by_id if id_ not in covered and id_.removesuffix(".method") not in covered]
    assert missing == []


def test_operations_that_are_given_by_the_context_say_when_they_are_not() -> None:
    for name, args in (("random", ()), ("uuid", ()), ("active", ("x",)), ("calls", ("x",)), ("secret", ("x",))):
        call: Callable[..., Any] = operation_function(name)
        with pytest.raises(ExpressionError, match="no value here"):
            call(Context(), *args)
