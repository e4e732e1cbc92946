"""A Range is one range of bytes, and a right one; everything else is told clearly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwarden.errors import UsageError
from callwarden.rules.ranges import extent, read_range


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=500-999", (500, 500)),
        ("bytes=500-", (500, None)),
        ("bytes=-500", (-500, None)),
        (" bytes=0-499 ", (0, 500)),
    ],
)
def test_a_range_is_read_as_start_and_length(header: str, span: tuple[int, int | None]) -> None:
    assert read_range(header) == span


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=a-b", "bytes=0-1,3-4", "seconds=0-5", "bytes=-0",
     "bytes=٣-٤", "bytes=0x0-5", "bytes= 0-5", "bytes=0--5", "bytes=1e3-", "bytes=" + "9" * 40 + "-"],
)  # fmt: skip
def test_what_is_no_single_right_range_is_refused_with_an_example(header: str) -> None:
    with pytest.raises(UsageError, match=r"bytes|begins"):
        read_range(header)


@given(start=st.integers(-50, 50), length=st.none() | st.integers(-5, 50), size=st.integers(0, 40))
def test_an_extent_is_what_slicing_gives_and_none_where_that_is_nothing(
    start: int, length: int | None, size: int
) -> None:
    content = bytes(range(size))
    wanted = content[start:] if length is None else content[start:][: max(length, 0)]
    found = extent(start, length, size=size)
    if found is None:
        assert not wanted
    else:
        assert content[found[0] : found[1]] == wanted
        assert wanted or size == 0
