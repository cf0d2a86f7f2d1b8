"""Expressions of text: str, bytes, and the four ways to format."""


class Text:
    def make_str(self, d):
        e = self.expr
        method = self.pick("upper", "lower", "strip", "title", "capitalize", "swapcase", "lstrip", "rstrip", "casefold")
        return self.pick(
            lambda: f"({e('str', d)} + {e('str', d)})",
            lambda: f"({e('str', d)} * {self.small_int()})",
            lambda: f"{e('str', d)}[{self.small_int()}]",
            lambda: f"{e('str', d)}[{self.slice()}]",
            lambda: f"{e('str', d)}.{method}()",
            lambda: f"{e('str', d)}.{self.pick('center', 'ljust', 'rjust')}({self.small_int()}, '*')",
            lambda: f"{e('str', d)}.zfill({self.small_int()})",
            lambda: f"{e('str', d)}.replace({e('str', d)}, {e('str', d)}, {self.pick(-1, 0, 1, 2)})",
            lambda: f"{e('str', d)}.join({self.pick(self.strings(d), e('list', d))})",
            lambda: f"{e('str', d)}.{self.pick('removeprefix', 'removesuffix')}({e('str', d)})",
            lambda: f"{e('str', d)}.expandtabs({self.pick(1, 4, 8)})",
            lambda: f"{self.pick('str', 'repr', 'ascii')}({e(self.any_type(), d)})",
            lambda: f"{self.pick('hex', 'bin', 'oct')}({e('int', d)})",
            lambda: f"chr({self.pick(65, 97, 233, 8364, 0x1D4B3, -1, 0x110000)})",
            lambda: self.formatted(d),
            lambda: self.formatted(d),
            lambda: self.percent(d),
            lambda: self.template(d),
            lambda: f"{e('bytes', d)}.decode({self.pick('', repr('latin-1'), repr('utf-8') + ', ' + repr('replace'))})",
        )()

    def strings(self, d):
        return "[" + ", ".join(self.expr("str", d) for _ in range(self.rng.randrange(4))) + "]"

    def slice(self):
        part = lambda: self.pick("", self.small_int())
        return f"{part()}:{part()}" + self.pick("", "", f":{self.pick(1, 2, -1, -2, 3, 0)}")

    def spec(self, kind):
        align = self.pick("", "", "<", ">", "^", "*^", "0>", "é<") + ""
        width = self.pick("", "", "5", "12", "08")
        if kind == "int":
            return (
                align
                + self.pick("", "+", " ", "-")
                + self.pick("", "#")
                + width
                + self.pick("", ",", "_")
                + self.pick("", "d", "x", "X", "o", "b", "c", "n", "e", ".2f", "%", "s", "q")
            )
        if kind == "float":
            return (
                align
                + self.pick("", "+", " ")
                + self.pick("", "#")
                + width
                + self.pick("", ",", "_")
                + self.pick("", ".0", ".1", ".3", ".10", ".17")
                + self.pick("", "f", "e", "g", "G", "%", "E", "F", "d")
            )
        if kind == "complex":
            return (
                align
                + self.pick("", "+", " ")
                + self.pick("", "#")
                + self.pick("", "25", "30", "010")
                + self.pick("", ",", "_")
                + self.pick("", ".0", ".1", ".3", ".17")
                + self.pick("", "", "f", "e", "g", "G", "%", "d")
            )
        return align + self.pick("", "5", "12") + self.pick("", ".0", ".2", ".5") + self.pick("", "s", "d")

    def field(self, d, quote):
        kind = self.pick("int", "int", "float", "float", "str", "complex")
        inner = self.expr(kind, d)
        if quote in inner or "\n" in inner or "\\" in inner:
            inner = self.pick("1234567", "-2.75", "0")
        conversion = self.pick("", "", "", "!r", "!s", "!a")
        spec = self.spec("str" if conversion else kind)
        text = self.pick("", "", "=")
        if "#" in inner:  # which Python takes for a comment there (gaps/hash_in_debug_text)
            text = ""
        return "{" + inner + text + conversion + (":" + spec if spec else "") + "}"

    def formatted(self, d):
        if self.chance(50):
            kind = self.pick("int", "float", "str", "complex")
            return f"format({self.expr(kind, d)}, {self.spec(kind)!r})"
        return 'f"' + self.pick("", "a", "{{", "é ") + self.field(d, '"') + self.pick("", "|", self.field(d, '"')) + '"'

    def percent(self, d):
        flags = self.pick("", "", "-", "0", "+", " ", "#") + self.pick("", "", "5", "10") + self.pick("", ".0", ".3")
        kind, letter = self.pick(
            ("int", "d"),
            ("int", "x"),
            ("int", "o"),
            ("float", "f"),
            ("float", "e"),
            ("float", "g"),
            ("str", "s"),
            ("str", "r"),
            ("int", "c"),
            ("float", "d"),
            ("str", "d"),
            ("int", "i"),
            ("complex", "s"),
            ("complex", "f"),
        )
        return f"({'%' + flags + letter!r} % ({self.expr(kind, d)},))"

    def template(self, d):
        kind = self.pick("int", "float", "str", "complex")
        text = self.pick(
            "{}",
            "{0}",
            "{x}",
            "{0!r}",
            "{x!r:>8}",
            "{0:" + self.spec(kind) + "}",
            "{}{}",
            "{0}{}",
            "{y}",
            "{0[0]}",
            "{x.real}",
            "{{}}{}",
            "{",
        )
        return f"{text!r}.format({self.expr(kind, d)}, x={self.expr(kind, d)})"

    def make_bytes(self, d):
        e = self.expr
        return self.pick(
            lambda: f"({e('bytes', d)} + {e('bytes', d)})",
            lambda: f"{e('bytes', d)}[{self.slice()}]",
            lambda: f"{e('str', d)}.encode()",
            lambda: f"bytes({e('list', d)})",
            lambda: f"{e('bytes', d)}.{self.pick('upper', 'strip', 'hex', 'title')}()",
            lambda: f"{e('bytes', d)}.replace({e('bytes', d)}, {e('bytes', d)})",
            lambda: f"{e('bytes', d)}.split({e('bytes', d)})",
            lambda: f"({self.pick(0, 1, 255, 256, -1, 70000)}).to_bytes({self.pick(1, 2, 4)}, 'big')",
        )()

    # ---- text and bytes at length ----

    def unicode(self):
        """Methods of str over letters of all sorts, and of bytes and bytearray."""
        letters = "aZéßŉǅİıΣσςﬁ١²½Ⅷ一あ한🎉\u0301\u200d \t\n\u2028\x1c\x85_-'0"
        text = lambda most=6: ascii("".join(self.rng.choice(letters) for _ in range(self.rng.randrange(most))))
        methods = (
            "upper lower title capitalize swapcase casefold strip lstrip rstrip split rsplit splitlines isalpha isalnum isdigit isdecimal isnumeric isspace isupper islower istitle "
            "isidentifier isprintable isascii expandtabs encode".split()
        )
        self.attempts(
            5,
            *(f"{text()}.{m}()" for m in self.some(4, *methods)),
            f"{text()}.{self.pick('find', 'count', 'split', 'partition', 'startswith', 'strip', 'removesuffix', 'index', 'join')}({text(3)})",
            f"{text()}.{self.pick('center', 'ljust', 'rjust')}({self.small_int()}, {text(3)})",
            f"{text()}.translate({{{self.pick(97, 233, 48)}: {self.pick('None', repr('xy'), '98', '2.5')}}})",
            f"{text()}.translate(str.maketrans({text(3)}, {text(3)}))",
            f"repr({text()}), ascii({text()}), len({text()})",
            f"{text()}.encode({self.pick('ascii', 'latin-1', 'utf-16', 'cp1252', 'utf-8', 'nope')!r}, {self.pick('strict', 'replace', 'ignore', 'xmlcharrefreplace', 'backslashreplace', 'namereplace', 'bad')!r})",
            f"sorted({text(9)}), {text()} < {text()}",
            f"f'{{{text()}:{self.pick('é', 'x', '')}{self.pick('>', '^', '<')}{self.pick(3, 9)}.{self.pick(1, 4)}}}'",
            f"int({self.pick('١٢', '²', '1_0', '−5', ' 7' + chr(0x2003), chr(0x661) + 'x')!r})",
            f"float({self.pick('١.٥', '1_0.0', 'ınf', ' nan ')!r})",
            f"{text(9)}[{self.slice()}], {text()} * {self.pick(0, 2)}, {text()} in {text(9)}",
            f"str({self.bytes_literal()}, {self.pick('utf-8', 'ascii', 'latin-1')!r}, {self.pick('strict', 'replace', 'surrogateescape')!r})",
        )
        kind = self.pick("bytes", "bytearray")
        b = lambda: f"{kind}({self.bytes_literal()})"
        self.attempts(
            5,
            *(
                f"{b()}.{m}()"
                for m in self.some(
                    3,
                    *[
                        m
                        for m in methods[:-1]
                        if m not in ("casefold", "isdecimal", "isnumeric", "isidentifier", "isprintable", "encode")
                    ],
                    "hex",
                    "decode",
                )
            ),
            f"{b()}.{self.pick('find', 'count', 'split', 'partition', 'rsplit', 'startswith', 'strip', 'index', 'removeprefix', 'join')}({self.pick(b(), '97', 'b' + repr('a'), '[b' + repr('a') + ', b' + repr('b') + ']', repr('a'))})",
            f"{kind}({self.pick('%d', '%5x|', '%c', '%s', '%%', '%z', 'a')!r}.encode()) % ({self.expr('int', 1)},)",
            f"{b()} + {self.pick(b(), repr('x'), 'b' + repr('y'))}",
            f"{b()}.{self.pick('center', 'ljust', 'zfill')}({self.small_int()})",
            f"{b()}.hex({self.pick(repr(' '), repr(':') + ', 2', repr('ab'), '')})",
            f"{kind}.fromhex({self.pick('00ff', '0 1', 'a b c', 'zz', ' 41 42 ')!r})",
            f"{b()} < {b()}, {b()} == {b()}",
            f"list({b()}), 97 in {b()}, b'a' in {b()}",
            f"{b()}.translate(None, b'a'), {b()}.maketrans(b'a', b'b')[97]",
            f"b'%s|%5d|%x|%c' % (b'q', {self.small_int()}, 255, 65)",
            f"{kind}({self.pick(3, -1, '[1, 256]', repr('s'), '2.5', '[1, 2]', 'range(4)')})",
            f"memoryview({b()})[{self.slice()}].tobytes()",
        )

    def nested_formats(self):
        """f-strings with fields in their specifications, other quotes, conversions, and text before =."""
        e = self.expr
        value = lambda: self.pick(
            "v",
            "w",
            "v + w" if self.chance(50) else "v",
            "t[0]",
            "d['k']",
            "(lambda: v)()",
            "[v, w]",
            " {'a': v}['a']",
            "v if w else t",
            "t",
            "str(v)",
            "-v",
        )
        spec = lambda: self.pick(
            "{n}",
            "{n}.{p}f",
            ">{n}",
            "{fill}^{n}",
            "{n:{p}}",
            "+{n},",
            "{'x'}",
            "0{n}{kind}",
            "{'>' + str(n)}",
            "",
            ".{p}",
            "{fill}<{n}.{p}e",
            "{n!r}",
            "{{",
            "{fill!r:}",
        )
        self.add(
            f"v, w, t, d = {e(self.pick('int', 'float'), 1)}, {e(self.pick('int', 'str', 'float'), 1)}, {e('list', 1)} + [1], {{'k': {e('float', 1)}}}"
        )
        self.add(
            f"n, p, fill, kind = {self.pick(0, 3, 12)}, {self.pick(0, 2, 5)}, {self.pick('*', '0', 'é')!r}, {self.pick('d', 'x', 'f', 'e', 's')!r}"
        )
        quote = self.pick("'", '"', "'''", '"""')
        parts = [
            self.pick("", "{{", " - ", "é", "\\t", "\\N{BULLET}")
            + "{"
            + value()
            + self.pick("", "", "=", " = ")
            + self.pick("", "", "!r", "!s", "!a")
            + self.pick("", ":" + spec()).replace("{{", "")
            + "}"
            for _ in range(3)
        ]
        self.attempts(
            4,
            *(f"f{quote}{part}{quote}" for part in parts),
            f"f{quote}{''.join(parts)}{quote}",
            f"'{{:{{}}}}'.format(v, n)",
            f"'{{0:{{1}}.{{2}}}}'.format(d['k'], n, p)",
            f"'{{v:>{{n}}}}'.format(v=v, n=n)",
            f"rf'{{v}}\\d', f'{{v}}' 'x' f'{{w!r}}'",
            f"'%*d|%-*s|%.*f' % (n, 5, n, w, p, 2.5)",
            f"'%({self.pick('v', 'x')})s' % dict(v=v)",
            f"format(v, f'{{fill}}>{{n}}')",
            f"f'{{f\"{{v}}\":>{{n}}}}'",
        )

    def big_integers(self):
        e = lambda: self.pick(
            self.expr("int", 2),
            f"{self.rng.randrange(1, 10**6)} ** {self.rng.randrange(1, 60)}",
            f"-(1 << {self.rng.randrange(200)})",
            f"int('{self.rng.randrange(1, 10**9)}' * {self.rng.randrange(1, 9)})",
            f"10 ** {self.rng.randrange(60)}",
            "(1 << 63) - 1",
        )
        self.attempts(
            6,
            f"({e()}) {self.pick('+', '-', '*', '//', '%', '&', '|', '^', '<', '==', '/')} ({e()})",
            f"divmod({e()}, {e()})",
            f"pow({e()}, {self.rng.randrange(300)}, {e()})",
            f"pow({e()}, -1, {e()})",
            f"math.{self.pick('isqrt', 'log2', 'log10', 'sqrt')}({e()})",
            f"math.{self.pick('gcd', 'lcm')}({e()}, {e()})",
            f"hex({e()}), bin({e()})[-9:], oct({e()})",
            f"f'{{{e()}:{self.pick(',', '_x', '#b', 'e', '.3g', '+d', '>40', 'f')}}}'",
            f"float({e()}), int(float({e()}))",
            f"({e()}).to_bytes({self.pick(4, 9, 40)}, {self.pick('big', 'little')!r}, signed={self.pick(True, False)})",
            f"int.from_bytes(({e()} & 2**64 - 1).to_bytes(8), signed=True)",
            f"({e()}).bit_length(), ({e()}).bit_count()",
            f"({e()}) >> {self.rng.randrange(100)}, ({e()}) << {self.rng.randrange(70)}",
            f"round({e()}, {self.pick(-1, -3, -20)})",
            f"str({e()})[:20], len(str({e()}))",
            f"({e()}) == float({e()}), ({e()}) < {self.float_literal()}",
            f"int({self.pick('f' * 30, '-0x1F', 'zz' * 20, '1' * 50)!r}, {self.pick(16, 36, 0, 2)})",
            f"hash_of({e()}), hash_of(-({e()}))",
            f"sum([{e()}, {e()}, -({e()})]), -({e()}), ~({e()}), abs({e()})",
            f"complex({e()}), ({e()}) * 1j",
            f"math.factorial({self.rng.randrange(40)}), math.comb({self.rng.randrange(60)}, {self.rng.randrange(30)})",
        )
