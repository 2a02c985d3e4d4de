"""Places of boxes and lines: nothing overlaps, and what is read stands above."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netc.compiler.drawing.graph import Edge, Graph, Node
from netc.compiler.drawing.layout import Layout, lay_out


def graph(count: int, pairs: set[tuple[int, int]], back: set[tuple[int, int]] = frozenset()) -> Graph:  # type: ignore[assignment]
    nodes = tuple(Node(f"n{k}", "equation", "", "", None) for k in range(count))
    return Graph("G", nodes, tuple(sorted([Edge(a, b) for a, b in pairs] + [Edge(a, b, True) for a, b in back])))


def placed(g: Graph) -> Layout:
    return lay_out(g, [(40.0 + 30 * (k % 3), 30.0 + 10 * (k % 2)) for k in range(len(g.nodes))])


EDGES = st.sets(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=24)


@settings(deadline=None)
@given(EDGES)
def test_boxes_do_not_overlap_and_lie_below_what_they_read(pairs: set[tuple[int, int]]) -> None:
    found = placed(graph(12, {(a, b) for a, b in pairs if a < b}, {(a, b) for a, b in pairs if a >= b}))
    for one, other in itertools.combinations(found.boxes, 2):
        apart = one.right < other.left or other.right < one.left or one.bottom < other.y or other.bottom < one.y
        assert apart
    for line in found.lines:
        if not line.edge.back:
            assert found.boxes[line.edge.start].bottom < found.boxes[line.edge.end].y
        assert all(-1e-6 <= x <= found.width + 1e-6 and 0 <= y <= found.height for x, y in line.points)


@settings(deadline=None)
@given(EDGES)
def test_lines_go_past_the_boxes_between(pairs: set[tuple[int, int]]) -> None:
    found = placed(graph(12, {(a, b) for a, b in pairs if a < b}))
    for line in found.lines:
        for (x, y), (_, to) in zip(line.points[0:-1:2], line.points[1:-1:2], strict=True):
            assert not any(b.left < x < b.right and b.y < to and y < b.bottom for b in found.boxes)


def test_a_line_bends_below_the_boxes_beside_its_own() -> None:
    found = lay_out(graph(3, {(0, 2), (1, 2)}), [(80, 30), (80, 90), (80, 30)])
    low = next(line for line in found.lines if line.edge.start == 0)
    assert low.points[1] == (found.boxes[0].x, found.boxes[1].bottom)


def test_a_chain_is_straight() -> None:
    found = placed(graph(5, {(0, 1), (1, 2), (2, 3), (3, 4)}))
    assert len({round(b.x, 6) for b in found.boxes}) == 1


def test_an_input_stands_just_above_its_reader() -> None:
    found = placed(graph(5, {(0, 1), (1, 2), (2, 3), (4, 3)}))
    assert found.boxes[4].y == found.boxes[2].y


@pytest.mark.parametrize("count", [0, 1])
def test_next_to_nothing_can_be_drawn(count: int) -> None:
    assert len(placed(graph(count, set())).boxes) == count


def test_a_line_back_leaves_on_the_side_that_is_free() -> None:
    found = placed(graph(3, {(0, 1), (0, 2)}, {(1, 0)}))
    back = next(line for line in found.lines if line.edge.back)
    assert found.boxes[1].x < found.boxes[2].x
    assert back.points[1][0] < found.boxes[1].left
