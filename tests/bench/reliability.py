"""Draws how often a guess was right against how sure the rules were, as a small SVG."""

from collections.abc import Sequence

STEPS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
_SIDE, _EDGE = 260, 44


def table(guesses: Sequence[tuple[float, bool]]) -> list[tuple[float, float, int, int]]:
    """Return rows of (from, to, how many, how many right) over (probability, right) pairs."""
    rows = []
    for low, high in zip(STEPS, (*STEPS[1:], 1.01), strict=True):
        inside = [is_right for probability, is_right in guesses if low <= probability < high]
        rows.append((low, min(high, 1.0), len(inside), sum(inside)))
    return rows


def draw(guesses: Sequence[tuple[float, bool]]) -> str:
    """Return the picture: one dot per step (larger for more messages), the diagonal is perfect honesty."""
    size = _SIDE + 2 * _EDGE

    def at(x: float, y: float) -> tuple[float, float]:
        return _EDGE + x * _SIDE, _EDGE + (1 - y) * _SIDE

    (left, bottom), (right, top) = at(0, 0), at(1, 1)
    marks = [
        f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888"/>',
        f'<path d="M{left} {bottom}L{right} {top}" stroke="#bbb" stroke-dasharray="4"/>',
    ]
    for low, high, number, right_ones in table(guesses):
        if number:
            x, y = at((low + high) / 2, right_ones / number)
            marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + number**0.5 / 3:.1f}" fill="#2a6" />')
            marks.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{number}</text>')
    for step in (0, 0.5, 1):
        x, y = at(step, step)
        marks.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{step:.0%}</text>')
        marks.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{step:.0%}</text>')
    marks.append(f'<text x="{size / 2}" y="{size - 8}" text-anchor="middle">把握</text>')
    marks.append(f'<text x="{left}" y="{top - 12}">说对的比例（数字是条数）</text>')
    body = "\n".join(marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" '
        f'font-size="11" fill="#333">\n{body}\n</svg>\n'
    )
