"""Networks as BERT is, with their weights as the processor wants them and nothing in between: for questions, each of which is
one short text, going through the modules of transformers takes as long as computing.

The operators of linear layers are those that torch's compiler puts into frozen models; they have no public name.
"""

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers.modeling_outputs import BaseModelOutput

_KINDS = {"BertModel", "RobertaModel", "XLMRobertaModel", "CamembertModel"}
"""Of transformers, whose layers are alike."""


def pack(module: torch.nn.Module) -> None:
    """What is inside computes the same from packed weights, with gradients no more."""
    for name, inner in module.named_children():
        if _is_like_bert(inner):
            setattr(module, name, _Encoder(inner))
        elif type(inner) is torch.nn.Linear:
            setattr(module, name, Linear(inner))
        else:
            pack(inner)


class Linear(torch.nn.Module):
    """Linear layers side by side, as one, whose weights are not laid out anew at each call."""

    def __init__(self, *layers: torch.nn.Linear) -> None:
        super().__init__()
        weights, biases = zip(*((layer.weight.detach(), layer.bias) for layer in layers), strict=True)
        self.weight = torch.ops.mkldnn._reorder_linear_weight(torch.cat(weights), None)
        self.bias = None if biases[0] is None else torch.cat(biases).detach()

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = torch.ops.mkldnn._linear_pointwise(values, self.weight, self.bias, "none", [], "")
        return made


class _Encoder(torch.nn.Module):
    """The last hidden state, of all that the network gives."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.config = network.config
        self.embeddings = network.embeddings
        self.layers = torch.nn.ModuleList(_Layer(layer) for layer in network.encoder.layer)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor | None = None, **_: object
    ) -> BaseModelOutput:
        """Args: (n, t) tokens; 1 where one is, 0 where it fills up a row; which of two texts it is of."""
        seen = None if attention_mask.all() else attention_mask[:, None, None, :].bool()
        hidden = self.embeddings(input_ids=input_ids, token_type_ids=token_type_ids)
        for layer in self.layers:
            hidden = layer.forward(hidden, seen)
        return BaseModelOutput(last_hidden_state=hidden)


class _Layer(torch.nn.Module):
    def __init__(self, layer: Any) -> None:
        super().__init__()
        attention, output = layer.attention.self, layer.attention.output
        self.heads = attention.num_attention_heads
        self.asked = Linear(attention.query, attention.key, attention.value)
        self.attended, self.attended_norm = Linear(output.dense), output.LayerNorm
        self.inner, self.activation = Linear(layer.intermediate.dense), layer.intermediate.intermediate_act_fn
        self.outer, self.outer_norm = Linear(layer.output.dense), layer.output.LayerNorm

    def forward(self, hidden: torch.Tensor, seen: torch.Tensor | None) -> torch.Tensor:
        """(n, t, d) → (n, t, d)."""
        rows, tokens, width = hidden.shape
        parts = self.asked.forward(hidden).view(rows, tokens, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        found = scaled_dot_product_attention(query, key, value, attn_mask=seen).transpose(1, 2).reshape(rows, tokens, width)
        hidden = self.attended_norm.forward(self.attended.forward(found) + hidden)
        inner = self.activation.forward(self.inner.forward(hidden))
        made: torch.Tensor = self.outer_norm.forward(self.outer.forward(inner) + hidden)
        return made


def _is_like_bert(module: Any) -> bool:
    kind = type(module)
    if not kind.__module__.startswith("transformers.models.") or kind.__name__ not in _KINDS or module.config.is_decoder:
        return False
    return getattr(module.config, "position_embedding_type", "absolute") == "absolute"  # others add to the scores of attention
