"""Layers that PyTorch has. Inputs are images (1, 8, 8) of digits, in ten classes."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from foreign_models.kinds import kind
from runner.models.base import Model


class Between(Model):
    """Two linear layers with something in between."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.before, self.after = nn.Linear(64, 8), nn.Linear(8, outputs)
        self.between = self.layer()

    def forward(self, x):
        return self.after(self.between(self.before(x.flatten(1))))


class Images(Model):
    """Two convolutions with something in between."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.before, self.after = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, outputs, 3)
        self.between = self.layer()

    def forward(self, x):
        return self.after(self.between(self.before(x))).mean((2, 3))


class Rows(Model):
    """Reads an image as a sequence of eight rows."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.sequence = self.layer()
        self.head = nn.Linear(8, outputs)

    def forward(self, x):
        rows, _ = self.sequence(x.squeeze(1))
        return self.head(rows[:, -1])


@kind("`nn.Dropout`")
class Dropout(Between):
    def layer(self):
        return nn.Dropout(0.3)


@kind("`nn.Dropout2d`")
class DropoutOfChannels(Images):
    def layer(self):
        return nn.Dropout2d(0.3)


@kind("`nn.BatchNorm1d`")
class BatchNorm(Between):
    def layer(self):
        return nn.BatchNorm1d(8)


@kind("`nn.BatchNorm2d`")
class BatchNormOfImages(Images):
    def layer(self):
        return nn.BatchNorm2d(4)


@kind("`nn.BatchNorm1d(momentum=None)`")
class CumulativeBatchNorm(Between):
    def layer(self):
        return nn.BatchNorm1d(8, momentum=None)


@kind("`nn.BatchNorm1d(track_running_stats=False)`", "dataset.test_size=30", "dataset=linear")
class BatchNormWithoutStatistics(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Linear(2, 8), nn.BatchNorm1d(8, track_running_stats=False), nn.Linear(8, outputs))
        )

    def forward(self, x):
        return self.layers(x)


@kind("a batch normalisation that stays in `eval()`")
class FrozenBatchNorm(Between):
    def layer(self):
        return nn.BatchNorm1d(8)

    def train(self, mode=True):
        super().train(mode)
        self.between.eval()
        return self


@kind("`nn.GroupNorm`")
class GroupNorm(Images):
    def layer(self):
        return nn.GroupNorm(2, 4)


@kind("`nn.LayerNorm`")
class LayerNorm(Between):
    def layer(self):
        return nn.LayerNorm(8)


@kind("`nn.InstanceNorm2d`, with statistics")
class InstanceNorm(Images):
    def layer(self):
        return nn.InstanceNorm2d(4, affine=True, track_running_stats=True)


@kind("`nn.PReLU`")
class LearntActivation(Between):
    def layer(self):
        return nn.PReLU()


@kind("`nn.ReLU(inplace=True)` on activations")
class InPlace(Between):
    def layer(self):
        return nn.ReLU(inplace=True)


@kind("`nn.Softmax` at the end: legal, and taken for logits")
class Softmax(Between):
    def layer(self):
        return nn.Softmax(1)

    def forward(self, x):
        return super().forward(x).softmax(1)


@kind("`nn.MaxPool2d(return_indices=True)` and `nn.MaxUnpool2d`")
class Unpooling(Images):
    def layer(self):
        self.pool = nn.MaxPool2d(2, return_indices=True)
        return nn.MaxUnpool2d(2)

    def forward(self, x):
        pooled, indices = self.pool(self.before(x))
        return self.after(self.between(pooled, indices)).mean((2, 3))


@kind("`nn.ConvTranspose2d`")
class Transposed(Images):
    def layer(self):
        return nn.ConvTranspose2d(4, 4, 2, stride=2)


@kind("`nn.Upsample(mode='bilinear')`")
class Upsampled(Images):
    def layer(self):
        return nn.Upsample(scale_factor=2, mode="bilinear")


@kind("`nn.Embedding`")
class Embedding(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.embedding, self.head = nn.Embedding(17, 4), nn.Linear(4, outputs)

    def forward(self, x):
        return self.head(self.embedding((16 * x).round().long().flatten(1)).mean(1))


@kind("`nn.Embedding(sparse=True)`")
class SparseEmbedding(Embedding):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.embedding = nn.Embedding(17, 4, sparse=True)


@kind("`nn.LSTM`")
class LSTM(Rows):
    def layer(self):
        return nn.LSTM(8, 8, batch_first=True)


@kind("`nn.GRU`")
class GRU(Rows):
    def layer(self):
        return nn.GRU(8, 8, batch_first=True)


@kind("`nn.RNN`, two layers with dropout between them")
class RNN(Rows):
    def layer(self):
        return nn.RNN(8, 8, num_layers=2, dropout=0.2, batch_first=True)


@kind("`nn.LSTMCell` in a loop")
class Cell(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.cell, self.head = nn.LSTMCell(8, 8), nn.Linear(8, outputs)

    def forward(self, x):
        state = None
        for row in x.squeeze(1).unbind(1):
            state = self.cell(row, state)
        return self.head(state[0])


@kind("`nn.MultiheadAttention`")
class Attention(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, outputs)

    def forward(self, x):
        rows = x.squeeze(1)
        return self.head(self.attention(rows, rows, rows)[0].mean(1))


@kind("`nn.TransformerEncoderLayer`, with its dropout")
class Transformer(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.head = nn.Linear(8, outputs)

    def forward(self, x):
        return self.head(self.layer(x.squeeze(1)).mean(1))


@kind("`torch.utils.checkpoint`")
class Checkpointed(Between):
    def layer(self):
        return nn.Tanh()

    def forward(self, x):
        hidden = checkpoint(
            lambda x: self.between(self.before(x)), x.flatten(1), use_reentrant=False
        )
        return self.after(hidden)


@kind("`torch.compile` in the constructor")
class Compiled(Between):
    def layer(self):
        return torch.compile(nn.Tanh(), backend="eager")
