"""Models as people write them: trained as a loop by hand trains them, or refused by name."""

import pytest
from foreign_models.kinds import all_kinds
from foreign_models.page import HEAD, PAGE, row
from foreign_models.verdict import try_kind

KINDS = all_kinds()


@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # torch.compile
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.chapter}-{kind.model.__name__}")
def test_a_kind_works_or_is_refused_as_the_page_tells(kind, composer, tmp_path):
    verdict = try_kind(kind, composer, tmp_path)
    assert verdict.faults == ()
    assert row(kind, verdict) in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_page_has_these_kinds_and_no_others():
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    rows = [line for line in text.splitlines() if line.startswith("| ") and " | " in line]
    named = [line.split(" | ")[0].removeprefix("| ") for line in rows]
    known = [kind.words for kind in KINDS]
    assert [name for name in named if name not in ("a model with", "---")] == known
    assert len(known) >= 39 and len(set(known)) == len(known)
