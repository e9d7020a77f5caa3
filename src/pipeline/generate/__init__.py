"""Seeded generators of the two pipelines' events: the same seed gives the same bytes on every machine and Python.

Only `random.Random.random` is drawn from: it is the one method whose sequence Python promises to keep for a seed
(docs.python.org/3/library/random.html, "Notes on Reproducibility"). Nor is there a power or a logarithm, whose last
bit differs between C libraries.
"""

from pipeline.generate.caves import CavesConfig, broken_caves, caves
from pipeline.generate.disorder import Disorder
from pipeline.generate.orders import OrdersConfig, broken_orders, orders

__all__ = ["CavesConfig", "Disorder", "OrdersConfig", "broken_caves", "broken_orders", "caves", "orders"]
