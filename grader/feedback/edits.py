"""The table of edits: single changes to an architecture that students get wrong.

Each edit says which changes of its kind a chain allows. Given an assignment's expectations
(``Hopes``) it tries what is asked for as well; without them it tries what is usual, so that the
same table makes wrong answers on purpose. What one edit does, its inverse undoes.
"""

from __future__ import annotations

from grader.feedback.activations import (
    add_activation,
    add_softmax,
    change_activation,
    move_activation,
    remove_activation,
    remove_softmax,
)
from grader.feedback.arguments import (
    change_channel_axis,
    change_padding,
    change_pool_size,
    number,
    toggle_bias,
)
from grader.feedback.change import Edit
from grader.feedback.structure import (
    add_layer,
    change_layer_type,
    change_pool_type,
    change_row_type,
    double_layer,
    remove_layer,
    swap_layers,
)

EDITS: tuple[Edit, ...] = (
    Edit("padding", "valid for same, or same for valid", "padding", change_padding),
    Edit("stride", "a window that moves further, or less far", "stride", number("strides")),
    Edit("kernel_size", "a larger or smaller kernel", "kernel_size", number("kernel_size")),
    Edit("pool_size", "a larger or smaller pool", "pool_size", change_pool_size),
    Edit("filters", "more or fewer feature maps", "filters", number("filters")),
    Edit("units", "more or fewer units", "units", number("units")),
    Edit("dilation", "a kernel that reaches further", "dilation", number("dilation_rate")),
    Edit("groups", "channels in more or fewer groups", "groups", number("groups")),
    Edit("bias", "with a bias, or without", "bias", toggle_bias),
    Edit("add_activation", "an activation more", "remove_activation", add_activation),
    Edit("remove_activation", "an activation less", "add_activation", remove_activation),
    Edit("change_activation", "another activation", "change_activation", change_activation),
    Edit("move_activation", "an activation on a neighbour", "move_activation", move_activation),
    Edit("add_softmax", "softmax at the end", "remove_softmax", add_softmax),
    Edit("remove_softmax", "no softmax at the end", "add_softmax", remove_softmax),
    Edit("channel_axis", "rows read as channels", "channel_axis", change_channel_axis),
    Edit("pool_type", "the mean for the largest value", "pool_type", change_pool_type),
    Edit("row_type", "Flatten against global pooling", "row_type", change_row_type),
    Edit("layer_type", "a layer of another type", "layer_type", change_layer_type),
    Edit("remove_layer", "a layer less", "add_layer", remove_layer),
    Edit("double_layer", "a layer twice", "remove_layer", double_layer),
    Edit("add_layer", "a layer more", "remove_layer", add_layer),
    Edit("swap_layers", "two layers in the wrong order", "swap_layers", swap_layers),
)

CHANGES_THE_WAY = frozenset(
    "remove_layer double_layer add_layer swap_layers move_activation".split()
)
"""Edits that change which layer reads which: not for a model that branches."""
