import pytest

from pipeline.commands.places import faulty_line

TEXT = 'CREATE VIEW v AS\nSELECT\n  a."b c",\n  nope\nFROM t'
SAYS = "SQL compilation error: error line"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (f"{SAYS} 4 at position 2\ninvalid identifier 'NOPE'", 4),
        (f"{SAYS} 3 at position 2\ninvalid identifier 'A.\"b c\"'", 3),
        ("SQL compilation error:\nsyntax error line 5 at position 0 unexpected 'FROM'.", 5),
        ("SQL compilation error:\nparse error line 5 at position 6 near '<EOF>'.", 5),
        (f"{SAYS} 3 at position 2\ninvalid identifier 'NOPE'", 1),
        (f"{SAYS} 9 at position 2\ninvalid identifier 'NOPE'", 1),
        (f"{SAYS} 0 at position 2\ninvalid identifier 'NOPE'", 1),
        ("SQL compilation error:\nsyntax error line 2 at position 6 unexpected '<EOF>'.", 1),
        (f"SQL compilation error:\nFailure during expansion of view 'W': {SAYS} 4 at position 2 invalid 'NOPE'", 1),
        (f"{SAYS} 4 at position 2", 1),
        ("Object 'DB.S.T' does not exist or not authorized.", 1),
    ],
)
def test_the_line_is_that_of_the_message_if_its_word_stands_there(message: str, line: int) -> None:
    assert faulty_line(message, TEXT) == line
