"""MNIST: 70,000 grey images of handwritten digits, 28x28 pixels."""

from pathlib import Path

from runner.datasets.idx_images import Files, IdxImages
from runner.registry import register


@register("dataset", "mnist")
class MNIST(IdxImages):
    """Handwritten digits, 60,000 to train on and 10,000 to test on.

    Source: "Gradient-based Learning Applied to Document Recognition" (LeCun, Bottou, Bengio and
    Haffner, 1998).
    """

    classes = tuple("0123456789")
    files = Files(
        title="MNIST",
        source="MNIST",
        system=Path("/usr/share/datasets/mnist"),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        otherwise="copy the four files into one of these folders",
        digests={
            "train-images-idx3-ubyte": (
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
            ),
            "train-labels-idx1-ubyte": (
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
            ),
            "t10k-images-idx3-ubyte": (
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
            ),
            "t10k-labels-idx1-ubyte": (
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
            ),
        },
    )
