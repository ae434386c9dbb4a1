"""Fashion-MNIST: 70,000 grey images of clothes, 28x28 pixels, in ten classes."""

from pathlib import Path

from runner.datasets.idx_images import Files, IdxImages
from runner.registry import register


@register("dataset", "fashion-mnist")
class FashionMNIST(IdxImages):
    """Zalando's articles, 60,000 to train on and 10,000 to test on.

    Source: "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms"
    (Xiao, Rasul and Vollgraf, 2017); "Dive into Deep Learning", "The Image Classification
    Dataset".
    """

    classes = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    files = Files(
        title="Fashion-MNIST",
        source="FashionMNIST",
        system=Path("/usr/share/datasets/fashion-mnist"),
        mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        otherwise="install Debian's or Ubuntu's package (`apt-get install dataset-fashion-mnist`)",
        digests={
            "train-images-idx3-ubyte": (
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
            ),
            "train-labels-idx1-ubyte": (
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
            ),
            "t10k-images-idx3-ubyte": (
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
            ),
            "t10k-labels-idx1-ubyte": (
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
            ),
        },
    )
