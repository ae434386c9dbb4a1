"""The metrics that are measured without being asked for."""

from runner.registry import register

AUTO = "auto"


@register("metric", AUTO)
class AutoMetrics:
    """Stands for every metric that is a default of the task (``Metric.default_for``).

    Accuracy for classes; the root mean squared error and R² for numbers; and those of installed
    packages that say so of themselves.
    """
