"""What a step is.

A step is one file in ``restoration/steps/``: the directory is the registry. The file ``remove_hum.py`` holds the frozen
dataclass ``RemoveHum``, whose fields are its parameters, checked in ``__post_init__`` before any sound is read. A step
measures, then treats by what was measured: the findings go into the log between the two, where a person can read and
overrule them, and a replay uses the recorded findings rather than new ones. A step that can do harm also judges its
result, and what does not help is left out. A step whose findings follow from one another says what they are when a
person overrules one of them (``overruling.Overrulable``). A step logs nothing itself.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from restoration.audio import Recording, Writer

Findings = dict[str, Any]
"""Numbers, strings, lists and dicts of them: what JSON can hold.

Two keys mean the same in every step: ``needed`` (bool: False leaves the step out, and its result is its source) and
``reason`` (a sentence for the curator saying why it is, or is not, needed).
"""

Generates = Literal["nothing", "band", "gap", "voice"]
"""How much a step invents: nothing, a frequency band, a gap in time, or a voice."""


@runtime_checkable
class Step(Protocol):
    """The shape of every step."""

    version: ClassVar[str]
    """Raised whenever the same parameters and findings would give another sound."""

    generates: ClassVar[Generates]

    def measure(self, recording: Recording) -> Findings:
        """What is wrong, in numbers."""
        ...

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Write the treated recording to ``result``, by the findings alone."""
        ...


Verdict = dict[str, Any]
"""What a step says of its own result: ``helps`` (bool), ``reason`` (a sentence for the curator), and its figures."""


@runtime_checkable
class Judged(Protocol):
    """A step that compares its result with its source, so that a treatment that does not help is left out."""

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether the fault is less and the voice no worse, in numbers."""
        ...


def models_of(step: Step) -> tuple[str, ...]:
    """Names of the model cards the step loads; a step without the attribute ``models`` loads none."""
    return tuple(getattr(step, "models", ()))
