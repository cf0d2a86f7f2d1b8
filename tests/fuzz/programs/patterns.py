"""match statements: patterns of every kind, nested, over subjects that they sometimes fit."""

import re


class Patterns:
    SETUP = """
        import enum
        class Color(enum.Enum):
            RED = 1
            BLUE = 'b'
        class Point:
            __match_args__ = ('x', 'y')
            def __init__(self, x, y): self.x, self.y = x, y
            def __repr__(self): return f'Point({self.x!r}, {self.y!r})'
        class Odd:
            __match_args__ = %s
            x = 1
    """

    def subject(self, depth=2):
        if depth and self.chance(60):
            parts = [self.subject(depth - 1) for _ in range(self.rng.randrange(4))]
            return self.pick(
                "[" + ", ".join(parts) + "]",
                "(" + "".join(p + ", " for p in parts) + ")",
                f"Point({self.subject(depth - 1)}, {self.subject(0)})",
                "{" + ", ".join(f"{k!r}: {p}" for k, p in zip(("a", "b", 1), parts)) + "}",
            )
        return self.pick(
            "0",
            "1",
            "-1",
            "2.5",
            "'a'",
            "'ab'",
            "b'a'",
            "None",
            "True",
            "False",
            "1j",
            "Color.RED",
            "Color.BLUE",
            "[]",
            "()",
            "{}",
            "Odd()",
            "range(3)",
            "{1, 2}",
            "bytearray(b'a')",
            "int",
            "Point",
        )

    def pattern(self, depth, bound):
        """bound: the names that it captures so far, or None where it must capture nothing."""
        if depth == 0 or self.chance(20):
            return self.simple_pattern(bound)
        inner = lambda: self.pattern(depth - 1, bound)
        n = self.rng.randrange(4)
        return self.pick(
            lambda: "[" + ", ".join(self.starred([inner() for _ in range(n)], bound)) + "]",
            lambda: "(" + "".join(p + ", " for p in self.starred([inner() for _ in range(n)], bound)) + ")",
            lambda: self.mapping(n, inner, bound),
            lambda: f"Point({', '.join(inner() for _ in range(self.rng.randrange(4)))})",
            lambda: f"Point(x={inner()}{self.pick('', ', y=' + inner())})",
            lambda: f"{self.pick('int', 'str', 'float', 'list', 'tuple', 'dict', 'bool', 'bytes')}({self.pick('', inner(), inner())})",
            lambda: f"{self.pick('Odd', 'Color', 'Point')}({self.pick('', inner(), 'x=' + inner())})",
            lambda: f"({' | '.join(self.pattern(depth - 1, None) for _ in range(self.rng.randrange(2, 4)))})",
            lambda: f"({self.pattern(depth - 1, bound)} as {self.capture(bound)})" if bound is not None else inner(),
        )()

    def starred(self, parts, bound):
        if self.chance(35):
            star = "*_" if bound is None or self.chance(40) else "*" + self.capture(bound)
            parts.insert(self.rng.randrange(len(parts) + 1), star)
        return parts

    def mapping(self, n, inner, bound):
        items = [f"{k}: {inner()}" for k in self.some(n, "'a'", "'b'", "1", "-1", "None", "Color.RED")]
        if bound is not None and self.chance(30):
            items.append("**" + self.capture(bound))
        return "{" + ", ".join(items) + "}"

    def capture(self, bound):
        name = f"c{len(bound)}"
        bound.append(name)
        return name

    def simple_pattern(self, bound):
        if bound is not None and self.chance(45):
            return self.capture(bound)
        constant = self.pick(
            "0",
            "1",
            "-1",
            "2.5",
            "'a'",
            "'a' 'b'",
            "b'a'",
            "None",
            "True",
            "False",
            "1j",
            "0+1j",
            "-2.5-1j",
            "Color.RED",
            "Color.BLUE",
            "str()",
            "int()",
        )
        return constant if bound is None or self.chance(80) else "_"

    def match(self):
        self.code(self.SETUP % self.pick("()", "('x',)", "['x']", "('x', 'x')", "(1,)", "'x'"))
        self.add(f"for subject in [{', '.join(self.subject() for _ in range(4))}]:")
        self.add("    try:")
        self.add("        match subject:")
        for i in range(self.rng.randrange(1, 5)):
            bound = []
            pattern = self.pattern(2, bound)
            bound = [name for name in bound if re.search(rf"\b{name}\b", pattern)]
            guard = self.pick(
                "", "", f" if {bound[0]}" if bound else " if subject", " if subject == 1", " if len(subject)"
            )
            if (
                re.fullmatch(r"\(*(c\d+|_)( as c\d+|\))*", pattern) and not guard
            ):  # what fits everything may only be the last
                guard = " if subject != 5"
            self.add(f"            case {pattern}{guard}: show({', '.join([str(i), *bound])})")
        if self.chance(50):
            self.add(f"            case {self.pick('_', 'rest', '(1 | 2) as one')}: show('none of them')")
        self.add("    except Exception as e: show(type(e).__name__, str(e))")
