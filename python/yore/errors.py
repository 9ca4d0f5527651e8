"""What goes wrong, with the same texts as the program's.

>>> import yore
>>> try:
...     yore.classify("a(b")
... except yore.InputError as error:
...     print(error)
...     print(error.source, error.position)
regex: this '(' is not closed; expected a ')' (at offset 1)
  a(b
   ^
regex 1
"""

__all__ = ["BudgetError", "InputError"]


class InputError(ValueError):
    """What was handed in cannot be used: ``str()`` says where, why, and what was expected, with a caret where there is text.

    Attributes: ``source`` (what the text came from: "regex", "alphabet", an option), ``message`` (without source and
    caret), ``position`` (byte offset of the fault in the text's UTF-8, or None), ``caret`` (the line at fault and the line
    with the caret, or None).
    """

    source = ""
    message = ""
    position = None

    @property
    def caret(self):
        """The line at fault with a caret under the place, two lines, or None where no place is known."""
        return "\n".join(str(self).split("\n")[-2:]) if self.position is not None else None


class BudgetError(RuntimeError):
    """A computation reached a stated limit. Attributes: ``budget`` (the option that raises it, with dashes) and ``limit``."""

    budget = ""
    limit = 0
