"""What is read for one answer is read once, and never kept for the next."""

from coaching.toolkit import one_answer, read_once


def test_it_is_read_once_per_answer_and_argument() -> None:
    reads = []

    @read_once
    def doubled(number: int, *, plus: int = 0) -> int:
        reads.append(number)
        return 2 * number + plus

    assert [doubled(1), doubled(1)] == [2, 2]
    assert len(reads) == 2
    with one_answer():
        assert [doubled(1), doubled(1), doubled(2), doubled(1, plus=1)] == [2, 2, 4, 3]
        assert len(reads) == 5
    with one_answer():
        assert doubled(1) == 2
    assert len(reads) == 6
