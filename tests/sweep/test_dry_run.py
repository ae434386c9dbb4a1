"""What a dry run says of a sweep besides its points."""

import pytest

OFFER = "Small steps may take less time compiled: ask again with device.compile=inductor."


@pytest.mark.parametrize(("epochs", "offered"), [(2, False), (100_000, True)])
def test_many_small_steps_are_said_to_gain_by_compiling(command, epochs, offered):
    code, said = command("--dry-run", "device=cpu", f"epochs={epochs}")
    assert code == 0
    assert (OFFER in said) == offered
