"""Ask, in a migration module, what only somebody who knows the data can say."""

from __future__ import annotations

from dataclasses import dataclass

from madmall_models.errors import MigrationModuleError


@dataclass(frozen=True)
class Question:
    """Ask one thing.

    Attributes:
        name: what it is about, for example ``orders.amount``.
        text: the question.
        choices: the answers there are.
        answer: one of the choices; None until it is answered.
    """

    name: str
    text: str
    choices: tuple[str, ...]
    answer: str | None = None

    @property
    def fault(self) -> str | None:
        """Return what is wrong with the answer, None for an answer that is one of the choices."""
        if self.answer is None:
            return "not answered"
        return None if self.answer in self.choices else "the answer is none of the choices"

    def __str__(self) -> str:
        return f"{self.name}: {self.text} One of {', '.join(map(repr, self.choices))}"


def answers(*questions: Question) -> dict[str, str]:
    """Return the answers by the names of the questions.

    >>> answers(Question("orders.amount", "What is it?", choices=("decimal", "text"), answer="text"))
    {'orders.amount': 'text'}

    Raises:
        MigrationModuleError: some are not answered by one of their choices; all of them are listed.
    """
    faulty = [question for question in questions if question.fault is not None]
    if faulty:
        listed = "\n".join(f"  {number}. {question} ({question.fault})" for number, question in enumerate(faulty, 1))
        raise MigrationModuleError(
            f"{len(faulty)} of {len(questions)} questions are open; write one of the choices after answer= of each:\n"
            + listed
        )
    return {question.name: str(question.answer) for question in questions}
