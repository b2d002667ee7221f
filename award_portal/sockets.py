"""A socket: a question that earlier stages ask and later stages may answer. A crashed answer is never silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Socket:
    """`plug` as a decorator; `ask` yields from every answer and lets exceptions through; `only` is for tests."""

    def __init__(self, question: str) -> None:
        self.question = question
        self._answers: list[Callable[..., Any]] = []

    def plug(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        """This function will add an answer: a function that returns an iterable."""
        if answer not in self._answers:
            self._answers.append(answer)
        return answer

    def ask(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """This function will yield what every plugged answer gives, in the order they were plugged."""
        for answer in self._answers:
            yield from answer(*args, **kwargs)

    @contextmanager
    def only(self, *answers: Callable[..., Any]) -> Iterator[None]:
        """This function will, for a test, leave only `answers` plugged."""
        kept, self._answers = self._answers, list(answers)
        try:
            yield
        finally:
            self._answers = kept
