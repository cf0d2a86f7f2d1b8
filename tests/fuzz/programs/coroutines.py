"""async: coroutines, tasks, groups, asynchronous iterators and context managers. All under a loop that has no reason to wait."""


class Coroutines:
    def coroutines(self):
        self.pick(self.tasks, self.async_iteration, self.async_contexts, self.by_hand, self.queues, self.cancellation)()

    def step(self):
        return self.pick(
            "await asyncio.sleep(0)", "pass", "await asyncio.sleep(0); await asyncio.sleep(0)", "await inner(0)"
        )

    def tasks(self):
        fail = self.pick(
            "if n == 1: raise ValueError(n)",
            "if n > 1: raise MyError('many')",
            "pass",
            "pass",
            "return log.append(n)",
            "1 / n",
        )
        await_all = self.pick(
            "show(await asyncio.gather(*[work(i) for i in range(k)]))",
            "show(await asyncio.gather(*[work(i) for i in range(k)], return_exceptions=True))",
            "tasks = [asyncio.create_task(work(i), name=f't{i}') for i in range(k)]; show([await t for t in tasks], [t.get_name() for t in tasks], [t.done() for t in tasks])",
            "done, pending = await asyncio.wait([asyncio.ensure_future(work(i)) for i in range(k)]); show(len(done), len(pending), sorted(str(t.exception()) for t in done))",
            "show(await asyncio.wait_for(work(k), None))",
            "show([await f for f in asyncio.as_completed([work(0)])])",
            "t = asyncio.create_task(work(2)); t.add_done_callback(lambda t: log.append('done')); show(await asyncio.shield(t))",
            "show(await work(0), await work(1) if k else None)",
        )
        self.code(
            f"""
            import asyncio
            log = []
            async def inner(x): return x
            async def work(n):
                {self.step()}
                log.append(n)
                {fail}
                {self.step()}
                return {self.pick("n * 10", "(n, await inner('i'))", "[await inner(j) for j in range(n)]", "{{j: await inner(j) for j in range(n)}}".replace("{{", "{").replace("}}", "}"),
                                  "await asyncio.gather(inner(n), inner(2))", "n if n else await inner('zero')", "asyncio.current_task() is not None")}
            async def main(k):
                try: {await_all}
                except Exception as e: show(type(e).__name__, str(e))
                else: show('else')
                finally: {self.step()}
                return log
            show(asyncio.run(main({self.pick(1, 2, 3)})))
        """
        )
        if self.chance(40):
            self.code(
                f"""
                async def group():
                    try:
                        async with asyncio.TaskGroup() as g:
                            made = [g.create_task(work(i)) for i in range({self.pick(1, 2, 3)})]
                            {self.pick("pass", "raise KeyError('body')", "await made[0]")}
                    except* ValueError as e: show('group', len(e.exceptions), str(e.exceptions[0]))
                    except* Exception as e: show('other', [type(x).__name__ for x in e.exceptions])
                    show([t.done() for t in made], [t.cancelled() for t in made])
                asyncio.run(group())
            """
            )

    def async_iteration(self):
        self.code(
            f"""
            import asyncio
            async def inner(x): return x
            class Count:
                def __init__(self, n): self.n = n
                def __aiter__(self): {self.pick("return self", "return self", "return 5", "return iter([1])")}
                async def __anext__(self):
                    {self.step()}
                    if self.n <= 0: raise {self.pick("StopAsyncIteration", "StopAsyncIteration", "StopIteration(3)", "ValueError('end')")}
                    self.n -= 1
                    return self.n
            async def agen(n):
                try:
                    for i in range(n):
                        {self.step()}
                        {self.pick("yield i", "x = yield i; show(x)", "yield await inner(i)", "if i == 1: return" + chr(10) + "                        yield i", "yield i; yield -i")}
                    {self.pick("pass", "raise ValueError('in agen')", "yield 'last'", "return")}
                {self.pick("finally: show('closed')", "except ValueError as e: yield ('caught', str(e))", "except GeneratorExit: show('exit'); raise", "except KeyError: pass")}
            async def main():
                source = {self.pick("Count(3)", "agen(3)", "agen(0)", "Count(1)", "Count(0)", "[1]")}
                {self.pick("show([x async for x in source])", "show({x: x async for x in source if x})", "async for x in source: show(x)",
                           "show([(x, y) async for x in source async for y in agen(2)])", "show([await inner(x) async for x in source], [await inner(z) for z in 'ab'])",
                           "show(await anext(source), await anext(source, 'none'))", "show([x for x in [await inner(1), 2]])",
                           "show(sorted([x async for x in (y * 2 async for y in source)]))")}
                if not isinstance(source, (Count, list)): await source.aclose()
                g = agen({self.pick(0, 1, 2, 3)})
                try:
                    {self.pick("show(await g.asend(None), await g.asend('sent'))", "show(await anext(g)); show(await g.athrow(ValueError('thrown')))", "await g.asend(5)",
                               "show(await g.__anext__()); await g.aclose(); show(await anext(g, 'closed'))", "show(await anext(g), await g.athrow(KeyError))",
                               "async for x in g: show(x); break", "await g.aclose(); await g.aclose()", "show([i async for i in g], [i async for i in g])", "for x in g: show(x)")}
                finally: await g.aclose()
                show(type(g).__name__, g.ag_running)
            asyncio.run(main())
        """
        )

    def async_contexts(self):
        self.code(
            f"""
            import asyncio, contextlib
            async def inner(x): return x
            class Manager:
                def __init__(self, name): self.name = name
                async def __aenter__(self): show('enter', self.name); {self.step()}; {self.pick("return self", "return await inner(1)", "raise MyError('enter')")}
                async def __aexit__(self, kind, value, tb): show('exit', self.name, kind and kind.__name__, str(value)); {self.pick("return True", "return False", "return await inner(0)", "raise KeyError('exit')")}
            @contextlib.asynccontextmanager
            async def made(x):
                show('in', x)
                try: yield x
                {self.pick("finally: show('out')", "except ValueError: show('swallowed')", "except KeyError as e: raise RuntimeError('x') from e")}
            async def main():
                try:
                    async with {self.pick("Manager('a') as x, made('b') as y", "made('c') as x, Manager('d') as y", "(Manager('e') as x, Manager('f') as y)", "asyncio.Lock() as x, made(1) as y",
                                          "asyncio.timeout(None) as x, Manager('g') as y", "5 as x", "contextlib.nullcontext(2) as x, made(3) as y")}:
                        {self.pick("show(type(x).__name__)", "raise " + self.error(), "return 'early'", "await inner(2); raise ValueError('body')")}
                    show('behind')
                except Exception as e: show(type(e).__name__, str(e), type(e.__cause__).__name__)
                with contextlib.suppress(TypeError, AttributeError):
                    {self.pick("with Manager('sync'): pass", "async with Manager('z'): pass", "async with contextlib.aclosing(agen()) as g: pass", "await 5")}
                return 'end'
            show(asyncio.run(main()))
        """
        )

    def by_hand(self):
        """Without a loop: a coroutine is driven like a generator."""
        self.code(
            f"""
            class Await:
                def __init__(self, x): self.x = x
                def __await__(self): {self.pick("got = yield self.x; return ('got', got)", "return iter([self.x])", "return 5", "yield self.x; raise ValueError('in await')", "yield from [1, 2]; return 'two'")}
            async def inner(x):
                try: return await Await(x)
                {self.pick("finally: show('inner ends')", "except KeyError as e: return ('caught', str(e))", "except GeneratorExit: show('exit'); raise")}
            async def outer(): return [await inner({self.literal('int')}), {self.pick("await inner('b')", "2", "await 7", "await [1]")}]
            c = outer()
            for step in [{', '.join(self.some(4, "lambda: c.send(None)", "lambda: c.send(None)", "lambda: c.send(1)", "lambda: c.throw(KeyError('k'))", "lambda: c.throw(ValueError)", "lambda: c.close()",
                                              "lambda: next(c)", "lambda: c.cr_running", "lambda: c.__await__().send(None)"))}]:
                try: show(step())
                except StopIteration as e: show('stop', e.value)
                except Exception as e: show(type(e).__name__, str(e))
            c.close()
        """
        )

    def queues(self):
        self.code(
            f"""
            import asyncio
            async def main():
                q, seen = asyncio.{self.pick("Queue", "LifoQueue", "PriorityQueue")}({self.pick("", "1", "2")}), []
                event, lock, turns = asyncio.Event(), asyncio.{self.pick("Lock()", "Semaphore(2)", "Semaphore(1)", "BoundedSemaphore(1)")}, []
                async def produce(n):
                    for i in {self.pick("range(n)", "reversed(range(n))", "[n, 0, n]")}:
                        await q.put(i)
                        {self.pick("await asyncio.sleep(0)", "pass")}
                    event.set()
                async def consume(name):
                    while True:
                        item = await q.get()
                        seen.append((name, item))
                        q.task_done()
                async def turn(name):
                    async with lock:
                        turns.append(name)
                        await asyncio.sleep(0)
                        turns.append(name)
                consumers = [asyncio.create_task(consume(name)) for name in 'ab'[:{self.pick(1, 2)}]]
                await asyncio.gather(produce({self.pick(1, 3, 4)}), turn(1), turn(2), event.wait(), turn(3))
                await q.join()
                for c in consumers: c.cancel()
                show(await asyncio.gather(*consumers, return_exceptions=True), q.empty(), event.is_set())
                show(seen, turns)
                try: q.{self.pick("get_nowait()", "task_done()", "put_nowait(1)", "full()")}
                except Exception as e: show(type(e).__name__, str(e))
            asyncio.run(main())
        """
        )

    def cancellation(self):
        self.code(
            f"""
            import asyncio
            async def work(n):
                try: await asyncio.{self.pick("sleep(1000)", "Event().wait()", "Future()" if self.chance(0) else "get_running_loop().create_future()", "Queue().get()", "gather(asyncio.sleep(1000), asyncio.sleep(1000))")}
                except asyncio.CancelledError as e:
                    show('cancelled', n, e.args)
                    {self.pick("raise", "return 'kept on'", "raise ValueError('instead')", "await asyncio.sleep(0); raise")}
                {self.pick("finally: show('clean', n)", "else: show('no')")}
            async def main():
                tasks = [asyncio.create_task(work(i)) for i in range(2)]
                {self.pick("await asyncio.sleep(0)", "pass", "for _ in range(3): await asyncio.sleep(0)")}
                show([t.cancel({self.pick("", "'why'")}) for t in tasks], tasks[0].cancelling())
                for t in tasks:
                    try: show(await t)
                    except asyncio.CancelledError as e: show('CancelledError', str(e))
                    except Exception as e: show(type(e).__name__, str(e))
                show([t.cancelled() for t in tasks], tasks[0].cancel())
                try:
                    {self.pick("await asyncio.wait_for(work(5), 0)", "async with asyncio.timeout(0): await work(6)", "asyncio.current_task().cancel(); await asyncio.sleep(0)",
                               "await asyncio.wait_for(asyncio.sleep(0, 'quick'), 1000)", "async with asyncio.timeout(0) as t: await asyncio.sleep(0); await asyncio.sleep(0)")}
                except (Exception, asyncio.CancelledError) as e: show(type(e).__name__, str(e))
            try: show(asyncio.run(main()))
            except asyncio.CancelledError as e: show('out', str(e))
        """
        )
