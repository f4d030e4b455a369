"""What systems cost: pure arithmetic, with the unit in every name. No widgets, no pictures, no models.

* ``quantities``: which unit a name means and which values make sense.
* ``prices`` and ``prices.toml``: the one dated, sourced table of prices.
* ``caching``, ``training``, ``memory``, ``shapes``, ``growth``: one formula or two each.
* ``systems``, ``break_even``: what a system costs in a year; where two systems cost the same.
* ``staleness``: how many stale answers a year, from which system.
* ``comparison``, ``scenario``, ``plan``: the inputs of the calculators; ``presets``: named starting points.
"""

from course_utils.costs.break_even import Crossing, cheapest, crossings
from course_utils.costs.caching import CachedPrefix, usd_per_call
from course_utils.costs.comparison import Comparison
from course_utils.costs.growth import yearly_growth
from course_utils.costs.inputs import Inputs, to_csv, to_markdown
from course_utils.costs.memory import Memory, full_state_bytes, training_memory
from course_utils.costs.plan import TrainingPlan
from course_utils.costs.prices import PriceTableError, notice, price_table
from course_utils.costs.scenario import Scenario
from course_utils.costs.shapes import ALL_LINEAR, ATTENTION_QV, SHAPES, ModelShape, adapter_bytes
from course_utils.costs.staleness import Staleness
from course_utils.costs.systems import System, Update, YearlyCost, yearly_cost
from course_utils.costs.training import gpu_hours, rent_usd, training_flops, training_tokens

__all__ = [
    "ALL_LINEAR",
    "ATTENTION_QV",
    "SHAPES",
    "CachedPrefix",
    "Comparison",
    "Crossing",
    "Inputs",
    "Memory",
    "ModelShape",
    "PriceTableError",
    "Scenario",
    "Staleness",
    "System",
    "TrainingPlan",
    "Update",
    "YearlyCost",
    "adapter_bytes",
    "cheapest",
    "crossings",
    "full_state_bytes",
    "gpu_hours",
    "notice",
    "price_table",
    "rent_usd",
    "to_csv",
    "to_markdown",
    "training_flops",
    "training_memory",
    "training_tokens",
    "usd_per_call",
    "yearly_cost",
    "yearly_growth",
]
