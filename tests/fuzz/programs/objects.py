"""The object model: descriptors, properties, slots, metaclasses, what is called when a class is made, abstract classes."""


class Objects:
    def attempts(self, n, *expressions):
        """Some of them, each in a try of its own. Statements stand as they are, expressions are shown."""
        for text in self.some(n, *expressions):
            statement = (
                text if " = " in text or text.startswith(("del ", "for ", "show", "class ")) else f"show({text})"
            )
            self.code(
                f"""
                try:
                    {statement}
                except Exception as e: show(type(e).__name__, str(e))
            """
            )

    def descriptors(self):
        methods = self.some(
            self.rng.randrange(1, 4),
            "__get__(self, o, kind=None): "
            + self.pick(
                "return self.name, o is None",
                "raise AttributeError('no ' + self.name)",
                "return o.__dict__.get(self.name, 'unset') if o else self",
            ),
            "__set__(self, o, value): "
            + self.pick("o.__dict__[self.name] = value", "raise AttributeError('read-only')", "show('set', value)"),
            "__delete__(self, o): " + self.pick("del o.__dict__[self.name]", "show('deleted')"),
            "__set_name__(self, owner, name): "
            + self.pick(
                "self.name = name; show(owner.__name__, name)", "self.name = '_' + name", "raise ValueError('bad name')"
            ),
        )
        self.add("class Field:")
        self.add("    name = 'nameless'")
        for method in methods:
            self.add(f"    def {method}")
        self.code(
            f"""
            class Owner({self.pick("", "dict", "Base")}):
                f = Field()
                {self.pick("g = f", "g = Field()", "pass")}
                {self.pick("def __getattr__(self, n): return 'dynamic ' + n", "def __setattr__(self, n, v): show('setattr', n); super().__setattr__(n, v)",
                           "def __getattribute__(self, n): return object.__getattribute__(self, n)", "def __delattr__(self, n): raise TypeError(n)", "pass")}
            o = Owner()
        """
        )
        self.attempts(
            6,
            "o.f",
            "Owner.f is Owner.__dict__['f']",
            "o.f = 1",
            "o.f",
            "del o.f",
            "o.g",
            "o.__dict__['f'] = 'own'",
            "o.f",
            "vars(o)",
            "o.h",
            "o.h = 5",
            "Owner.f = 3",
            "getattr(o, 'f', 'none')",
            "hasattr(o, 'f')",
            "del Owner.f",
            "'f' in dir(o)",
        )

    def properties(self):
        self.code(
            f"""
            class P({self.pick("", "int", "Exception", "list")}):
                def _get(self): {self.pick("return self._x", "return 1", "raise AttributeError('inner')", "return self.missing")}
                def _set(self, value): {self.pick("self._x = value", "self._x = int(value)", "raise ValueError(value)")}
                def _del(self): del self._x
                x = property(_get{self.pick("", ", _set", ", _set, _del", ", None, _del", ", doc='text'")})
                @property
                def y(self): {self.pick("return self.x", "return type(self).__name__", "return 1 / 0")}
                {self.pick("@y.setter", "@y.deleter", "@y.getter")}
                def y(self, *value): {self.pick("self.__dict__['z'] = value; return 6", "raise KeyError('y')", "return value")}
                @classmethod
                def c(cls, *a): return cls.__name__, a
                @staticmethod
                def s(*a): return a
            class Q(P):
                @property
                def x(self): return ('q', super().x)
                {self.pick("@x.setter", "@P.x.setter", "@P.x.getter")}
                def x(self, value=None): self._x = ('set', value)
            p, q = P(), Q()
        """
        )
        self.attempts(
            8,
            "p.x",
            "p.x = 3",
            "p.x = 'a'",
            "p.x",
            "del p.x",
            "p.y",
            "p.y = 2",
            "del p.y",
            "q.x",
            "q.x = 5",
            "q.x",
            "q._x",
            "P.x.__doc__",
            "P.x.fset is None",
            "vars(p)",
            "P.c(1)",
            "q.c()",
            "p.s(1, 2)",
            "P.y.fget.__name__",
            "P.x.__get__(p)",
            "P.x.__set__(p, 8)",
            "isinstance(P.x, property)",
            "q.y",
        )

    def slots(self):
        slots = self.pick(
            "'a', 'b'",
            "'a',",
            "()",
            "'a', '__dict__'",
            "'a', '__weakref__'",
            "['a', 'b']",
            "'ab'",
            "{'a': 'doc'}",
            "'a', 'a'",
            "'1x',",
            "5,",
            "'x',",
            "'__private',",
        )
        if not slots.startswith(("[", "{", "()", "'ab'")):
            slots = f"({slots})"
        self.code(
            f"""
            try:
                class S({self.pick("", "", "int", "tuple", "Base", "list", "Exception")}):
                    __slots__ = {slots}
                    {self.pick("x = 1", "pass", "a = 2", "def __init__(self, *args): self.a = args")}
                class T(S): {self.pick("pass", "__slots__ = ()", "__slots__ = ('c',)", "__slots__ = 'a'", "a = 5")}
            except Exception as e: show(type(e).__name__, str(e)); S = T = Base
            s, t = S(), T()
        """
        )
        self.attempts(
            6,
            "s.a = 1",
            "s.a",
            "s.b = 2",
            "del s.a",
            "s.a",
            "s.zzz = 1",
            "t.zzz = 1",
            "t.a = 7",
            "t.a",
            "t.c = 1",
            "vars(t)",
            "vars(s)",
            "hasattr(s, '__dict__')",
            "S.__slots__",
            "type(S.__dict__.get('a')).__name__",
            "s.x",
            "s.__class__ = T",
            "[n for n in dir(t) if not n.startswith('__')]",
        )

    def metaclasses(self):
        self.code(
            f"""
            class Meta({self.pick("type", "type", "ABCMeta")}):
                def __new__(mcls, name, bases, ns, **kw):
                    {self.pick("show(name, [b.__name__ for b in bases], sorted(k for k in ns if k[:2] != '__'), kw)", "ns['added'] = 1", "pass")}
                    return super().__new__(mcls, name, bases, {self.pick("ns", "ns", "dict(ns)")}{self.pick("", ", **kw")})
                def __init__(cls, name, bases, ns, **kw): {self.pick("cls.made = len(ns) > 0", "super().__init__(name, bases, ns)", "super().__init__(name, bases, ns, **kw)", "raise TypeError('no')")}
                {self.pick("def __call__(cls, *a): show('call', a); return super().__call__(*a)", "def __prepare__(name, bases, **kw): return {'prepared': 1}",
                           "def __len__(cls): return 4", "def __iter__(cls): return iter('meta')", "def __getitem__(cls, k): return k",
                           "def __instancecheck__(cls, o): return o == 3", "def __subclasscheck__(cls, c): return c is int", "def __getattr__(cls, n): raise AttributeError('meta ' + n)",
                           "def __contains__(cls, o): return True", "def __repr__(cls): return '<' + cls.__name__ + '>'", "def __add__(cls, o): return (cls.__name__, o)",
                           "@property" + chr(10) + "                def p(cls): return cls.__name__")}
            class Root(metaclass=Meta{self.pick("", "", ", flag=1")}):
                def __init_subclass__(cls{self.pick("", ", /, tag=None", ", **kw", ", tag")}):
                    show('subclass', cls.__name__{self.pick("", ", super().__init_subclass__()")})
                {self.pick("def __class_getitem__(cls, k): return cls.__name__, k", "def __new__(cls, *a): return super().__new__(cls)", "def __new__(cls, *a): return 5", "x = 1")}
            class Leaf(Root{self.pick("", "", ", tag='t'", ", flag=2", ", metaclass=type", ", metaclass=Meta")}):
                {self.pick("pass", "x = 2", "def __init__(self, a=1): self.a = a", "def __call__(self): return 'called'")}
        """.replace(
                "ABCMeta", "__import__('abc').ABCMeta"
            )
        )
        self.attempts(
            6,
            "type(Leaf).__name__",
            "Leaf().__class__.__name__",
            "Leaf(1)",
            "len(Leaf)",
            "list(zip(range(9), Leaf))",
            "Leaf[3]",
            "isinstance(3, Leaf)",
            "issubclass(int, Leaf)",
            "Leaf.nothing",
            "1 in Leaf",
            "Leaf + 1",
            "[c.__name__ for c in Leaf.__mro__]",
            "getattr(Leaf, 'added', 0), getattr(Leaf, 'made', 0), getattr(Leaf, 'prepared', 0)",
            "Leaf.p",
            "Leaf().p",
            "type('Made', (Root,), {'y': 1}).y",
            "type('Made', (Root, int), {}).__base__.__name__",
            "type(Leaf)('N', (), {}).__name__",
            "Meta('M', (Leaf,), {}).__name__",
            "[c.__name__ for c in Root.__subclasses__()]",
            "class Other(Leaf, Root): pass",
            "class Wrong(Root, Leaf): pass",
            "class Two(Leaf, metaclass=type('M2', (type,), {})): pass",
        )

    def abstract(self):
        self.code(
            f"""
            import abc
            class Shape({self.pick("abc.ABC", "metaclass=abc.ABCMeta")}):
                @abc.abstractmethod
                def area(self): return 0
                {self.pick("@property", "@classmethod", "@staticmethod")}
                @abc.abstractmethod
                def name(self=None): return 'shape'
                def tell(self): return f'{{self.__class__.__name__}} {{self.area()}}'
            class Square(Shape):
                {self.pick("def area(self): return super().area() + 4", "area = None", "def aria(self): pass", "x = 1")}
                {self.pick("name = 'square'", "@property" + chr(10) + "                def name(self): return 'sq'", "x = 2")}
            class Other:
                {self.pick("pass", "def area(self): return 1")}
            Shape.register(Other)
        """
        )
        self.attempts(
            5,
            "Square().tell()",
            "Shape()",
            "Square().name",
            "sorted(Shape.__abstractmethods__)",
            "sorted(Square.__abstractmethods__)",
            "isinstance(Other(), Shape)",
            "issubclass(Other, Shape)",
            "issubclass(Square, Shape)",
            "Square.area(Square)",
            "Other().area()",
            "Shape.area(1)",
        )

    def inheritance(self):
        """super() along a diamond, and who answers."""
        calls = lambda who: self.pick(
            f"return ['{who}', *super().f(x)]",
            f"return ['{who}']",
            f"return ['{who}', *super(__class__, self).f(x)]",
            f"return [x, '{who}', *A.f(self, x)]",
        )
        bases = self.pick("B, C", "C, B", "B", "A, B", "B, C, A", "B, int", "B, Mixin")
        self.code(
            f"""
            class A:
                def f(self, x): return ['A', x]
                def __eq__(self, o): return {self.pick("True", "NotImplemented", "isinstance(o, A)")}
                {self.pick("__hash__ = None", "def __hash__(self): return 1", "pass")}
            class B(A):
                def f(self, x): {calls('B')}
                def __radd__(self, o): return ('B radd', o)
                def __lt__(self, o): return {self.pick("'B lt'", "NotImplemented")}
            class C(A):
                def f(self, x): {calls('C')}
                def __add__(self, o): return {self.pick("('C add',)", "NotImplemented")}
                def __gt__(self, o): return {self.pick("'C gt'", "NotImplemented")}
            try:
                class D({bases}):
                    def f(self, x): {calls('D')}
            except TypeError as e: show(str(e)); D = C
        """
        )
        self.attempts(
            6,
            "D().f(1)",
            "C().f(2)",
            "B().f(3)",
            "[k.__name__ for k in D.__mro__]",
            "C() + B()",
            "1 + B()",
            "B() < C()",
            "C() < B()",
            "B() > 1",
            "D() == D()",
            "D() != 1",
            "{C(): 1}",
            "C() + 1",
            "hash(D()) == hash(D())",
            "super(D, D()).f(4)",
            "super(B, C()).f(5)",
            "D.f(A(), 6)",
            "D.f.__qualname__.split('.')[-2:]",
            "sorted([B(), C()])",
            "D().__class__.__base__.__name__",
        )
