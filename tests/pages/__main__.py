"""`python -m tests.pages`: writes the pages of the indicators and the table of the rules."""

from tests.pages.indicators import write_pages
from tests.pages.rules import write_rules

write_pages()
write_rules()
