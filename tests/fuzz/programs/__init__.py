"""What random_programs.py draws from: a file for each topic, joined here to one maker of programs."""

from .base import Base
from .classes import Classes
from .containers import Containers
from .coroutines import Coroutines
from .errors import Errors
from .library import Library
from .numeric import Numbers
from .objects import Objects
from .patterns import Patterns
from .scopes import Scopes
from .statements import Statements
from .text import Text


class Maker(
    Numbers, Text, Containers, Statements, Scopes, Classes, Objects, Patterns, Errors, Coroutines, Library, Base
):
    """Makes one program: a function's body of a few statements over one topic."""

    def arithmetic(self):
        for _ in range(self.rng.randrange(2, 5)):
            self.add(f"show({self.expr(self.pick('int', 'float', 'int', 'bool', 'complex', 'fraction'), 4)})")

    def texts(self):
        for _ in range(self.rng.randrange(2, 5)):
            self.add(f"show({self.expr(self.pick('str', 'str', 'list', 'bytes', 'tuple'), 3)})")

    def mixture(self):
        for _ in range(self.rng.randrange(3, 9)):
            self.rng.choice(
                [
                    self.assign,
                    self.assign,
                    self.assign,
                    self.show,
                    self.change,
                    self.change,
                    self.loop,
                    self.branch,
                    self.attempt,
                ]
            )()
        if self.types:
            self.add(f"show({', '.join(self.types)})")

    TOPICS = {
        "mixture": 8,
        "arithmetic": 3,
        "texts": 3,
        "klass": 4,
        "generator": 4,
        "function": 2,
        "closure": 2,
        "unbound": 1,
        "comprehensions": 2,
        "walrus": 1,
        "stars": 2,
        "decorators": 2,
        "deleting": 2,
        "groups": 2,
        "chains": 2,
        "tracebacks": 3,
        "recursion": 1,
        "contexts": 2,
        "match": 3,
        "descriptors": 2,
        "properties": 2,
        "slots": 2,
        "metaclasses": 3,
        "abstract": 1,
        "inheritance": 2,
        "coroutines": 4,
        "dataclasses": 2,
        "enums": 3,
        "functional": 2,
        "iterators": 2,
        "collections": 3,
        "modules": 4,
        "unicode": 3,
        "nested_formats": 2,
        "big_integers": 2,
    }

    def program(self, topic=None):
        """The lines of one program's function body."""
        topic = topic or self.rng.choices(list(self.TOPICS), self.TOPICS.values())[0]
        getattr(self, topic)()
        return self.lines or ["    pass"]
