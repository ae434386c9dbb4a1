"""The page that tells what becomes of every kind of model."""

from collections.abc import Sequence
from pathlib import Path

from foreign_models.kinds import CHAPTERS, Kind
from foreign_models.verdict import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
COLUMNS = "| a model with | alone | several runs at once, or why not |"
HEAD = """# Models of your own

What becomes of a model that was not written for this program. Before any folder is made a model is
built twice and trained on two examples: by itself, as any loop does it, and with tensors lent to
it, as the engine does it. Where the two differ, or where it can't be trained, the request is
refused in one sentence, with exit code 2.

Every row was tried with a model of that kind (`tests/foreign_models`), in float64. *Works* means
that after two epochs all parameters, buffers and the test loss equal those of a plain loop written
out by hand, with the same initial weights and batches, to 1e-9 (the loss to its nine digits), and
that `runner.load_model` gives a network with the same outputs. *In one loop* means that the runs of
a sweep can be stacked, and each ends as it does alone; *one after another*, that PyTorch can't
stack such a model, or not rightly. That is found out before they train, the runs' logs say why, and
the result is the same.

What to know:

- **Frozen parameters** (`requires_grad=False`) stay as they are. They cost neither a gradient nor
  optimizer state, and neither the penalty nor `model/weight_norm` counts them.
  `Model.quantities` gets them too. `freeze=['layers.0.*']` freezes those whose names match one of
  its patterns, of any model, without a change to its code. Buffers are left alone, as in PyTorch:
  the running statistics of a frozen batch normalisation go on following the batches while training.
- **What a model remembers** belongs in buffers: `self.register_buffer("mean", torch.zeros(8))`.
  Checkpoints hold them, and every member of a group has its own. They may be changed in place
  (`self.mean.copy_(…)`) or reassigned (`self.mean = …`), in training alone. An attribute that
  `forward` only writes, to be looked at, does no harm.
- **Random numbers** come from torch's global generator (`torch.randn_like(x)`), which is seeded for
  each run. Layers that derive from `runner.models.noise.NoiseLayer` can be stacked as well.
- **A parameter that a step does not use** has a gradient of zero there. PyTorch's optimizers skip
  it: with momentum or weight decay that is not the same.
- **Lazy layers** find their sizes by one forward pass of zeros, before anything else.
- **Precision.** All floating-point parameters and buffers take the type of `device.precision`:
  float64, or float32, which `bf16` and `tf32` leave them. Under `bf16` a model computes as in
  torch's autocast, alone and in a group, in training and in evaluation; losses, updates and
  checkpoints are float32, and `runner.load_model` gives a network that computes in float32. What
  that does to accuracy: [benchmarks.md](benchmarks.md).

This page is written by `cd tests && python -m foreign_models`, and a test compares it with what
happens.

"""


def page(kinds: Sequence[Kind], verdicts: Sequence[Verdict]) -> str:
    """Return the page, in Markdown."""
    lines = [HEAD.rstrip("\n"), ""]
    for chapter, title in CHAPTERS.items():
        lines += [
            f"## {title}",
            "",
            "| a model with | alone | several runs |",
            "| --- | --- | --- |",
        ]
        lines += [
            row(kind, verdict)
            for kind, verdict in zip(kinds, verdicts, strict=True)
            if kind.chapter == chapter
        ]
        lines.append("")
    return "\n".join(lines)


def row(kind: Kind, verdict: Verdict) -> str:
    """Return a kind's row of its table."""
    if verdict.refusal is not None:
        return f"| {kind.words} | refused | {verdict.refusal} |"
    together = "in one loop" if verdict.together else "one after another"
    return f"| {kind.words} | works | {together} |"
