"""Expressions of containers, and statements that change them."""


class Containers:
    def make_list(self, d):
        e = self.expr
        return self.pick(
            lambda: self.list_literal(d),
            lambda: f"({e('list', d)} + {e('list', d)})",
            lambda: f"({e('list', d)} * {self.pick(0, 1, 2, -1)})",
            lambda: f"{e('list', d)}[{self.slice()}]",
            lambda: f"sorted({e(self.pick('list', 'set', 'tuple'), d)}{self.pick('', ', reverse=True', ', key=str', ', key=repr')})",
            lambda: f"list({e(self.pick('tuple', 'str', 'set', 'dict', 'list', 'bytes'), d)})",
            lambda: f"list(range({self.small_int()}, {self.small_int()}{self.pick('', ', 2', ', -1', ', 0')}))",
            lambda: f"[x for x in {e('list', d)} if x]",
            lambda: f"[(i, x) for i, x in enumerate({e('list', d)}, {self.small_int()})]",
            lambda: f"[x * 2 for x in {e('list', d)}]",
            lambda: f"list(zip({e('list', d)}, {e('str', d)}))",
            lambda: f"list(map({self.pick('str', 'repr', 'len', 'bool', 'int', 'lambda x: (x, x)')}, {e('list', d)}))",
            lambda: f"list(filter({self.pick('None', 'lambda x: x != 1', 'callable')}, {e('list', d)}))",
            lambda: f"list(reversed({e(self.pick('list', 'tuple', 'str', 'dict'), d)}))",
            lambda: f"{e('str', d)}.{self.pick('split', 'rsplit')}({self.pick('', repr(','), repr('a'), repr(' ') + ', 1', repr(''))})",
            lambda: f"{e('str', d)}.splitlines()",
            lambda: f"list({e('dict', d)}.{self.pick('items', 'keys', 'values')}())",
            lambda: f"[*{e('list', d)}, *{e(self.pick('tuple', 'str', 'int'), d)}]",
        )()

    def make_tuple(self, d):
        e = self.expr
        return self.pick(
            lambda: self.tuple_literal(d),
            lambda: f"({e('tuple', d)} + {e('tuple', d)})",
            lambda: f"tuple({e(self.pick('list', 'str', 'int'), d)})",
            lambda: f"{e('tuple', d)}[{self.slice()}]",
            lambda: f"({e('tuple', d)} * {self.pick(0, 1, 2)})",
            lambda: f"{e('str', d)}.{self.pick('partition', 'rpartition')}({e('str', d)})",
            lambda: f"divmod({e('int', d)}, {e('int', d)})",
            lambda: f"({e('float', 0)}).as_integer_ratio()",
        )()

    def make_set(self, d):
        e = self.expr
        return self.pick(
            lambda: f"({e('set', d)} {self.pick('|', '&', '-', '^')} {e('set', d)})",
            lambda: f"{{x % 5 for x in {e('set', d)}}}",
            lambda: f"{e('set', d)}.{self.pick('union', 'intersection', 'difference', 'symmetric_difference')}([1, 2, 3])",
            lambda: f"set(range({self.pick(0, 3, 6)}))",
        )()

    def make_dict(self, d):
        e = self.expr
        return self.pick(
            lambda: self.dict_literal(d),
            lambda: f"{{**{e('dict', d)}, {self.hashable(d)}: {e('int', d)}}}",
            lambda: f"({e('dict', d)} | {e('dict', d)})",
            lambda: f"{{k: v for v, k in enumerate({e('str', d)})}}",
            lambda: f"dict(zip({e('str', d)}, {e('list', d)}))",
            lambda: f"dict.fromkeys({e('str', d)}, {e('int', d)})",
            lambda: f"dict({e('list', d)})",
        )()

    def change(self):
        """A method or statement that changes a container or rebinds a name."""
        lists, dicts, sets, ints = (self.known(t) for t in ("list", "dict", "set", "int"))
        options = []
        e = self.expr
        if lists:
            n = self.rng.choice(lists)
            options += [
                f"{n}.append({e('int', 1)})",
                f"{n}.extend({e(self.pick('list', 'str', 'int'), 1)})",
                f"{n}.insert({self.small_int()}, {e('str', 1)})",
                f"show({n}.pop({self.pick('', self.small_int())}))",
                f"{n}.remove({e('int', 1)})",
                f"{n}.reverse()",
                f"{n}.sort({self.pick('', 'key=str', 'reverse=True, key=repr')})",
                f"{n}[{self.small_int()}] = {e('int', 1)}",
                f"del {n}[{self.pick(self.small_int(), self.slice())}]",
                f"{n}[{self.slice()}] = {e(self.pick('list', 'str', 'tuple', 'int'), 1)}",
                f"{n} += {e('list', 1)}",
                f"{n} *= {self.pick(0, 1, 2)}",
                f"show({n}.index({e('int', 1)}))",
                f"a, *b = {n}; show(a, b)",
                f"a, b = {n}; show(a, b)",
            ]
        if dicts:
            n = self.rng.choice(dicts)
            k = self.hashable(1)
            options += [
                f"{n}[{k}] = {e('int', 1)}",
                f"show({n}[{k}])",
                f"show({n}.get({k}, {e('str', 1)}))",
                f"del {n}[{k}]",
                f"show({n}.pop({k}{self.pick('', ', None')}))",
                f"{n}.update({e('dict', 1)})",
                f"show({n}.setdefault({k}, {e('int', 1)}))",
                f"show({n}.popitem())",
                f"{n} |= {e('dict', 1)}",
                f"{n}[{e('list', 1)}] = 1",
            ]
        if sets:
            n = self.rng.choice(sets)
            options += [
                f"{n}.add({self.rng.randrange(8)})",
                f"{n}.discard({self.rng.randrange(8)})",
                f"{n}.remove({self.rng.randrange(8)})",
                f"{n} {self.pick('|=', '&=', '-=', '^=')} {e('set', 1)}",
                f"{n}.update(x for x in {e('set', 1)} if isinstance(x, int))",
            ]
        if ints:
            n = self.rng.choice(ints)
            options += [
                f"{n} {self.pick('+=', '-=', '*=', '//=', '%=', '&=', '|=', '^=')} {e('int', 1)}",
                f"{n} += {e('float', 1)}",
            ]
        if options:
            self.add(self.rng.choice(options))
        else:
            self.assign()
