"""What the tests of the caves' named queries compute with: rows of the truth, periods, exact figures."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, TypeVar

from truths.caves import CavesTruth, Order

Row: TypeAlias = tuple[object, ...]
_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Sales:
    """The truth, the files that it came from, and the day that the queries look back from."""

    truth: CavesTruth
    files: Sequence[tuple[str, Sequence[str]]]
    today: date

    @property
    def orders(self) -> list[Order]:
        """Orders up to today."""
        return [order for order in self.truth.orders.values() if order.time.date() <= self.today]

    def last(self, days: int, until: date | None = None) -> list[Order]:
        """Orders of the last `days` days up to `until`, by default today."""
        end = until or self.today
        return [order for order in self.orders if end - timedelta(days) < order.time.date() <= end]

    def since(self, first: date) -> list[Order]:
        """Orders from a day up to today."""
        return [order for order in self.orders if order.time.date() >= first]


Truth: TypeAlias = Callable[[Sales], list[Row]]
EXPECTED: dict[str, Truth] = {}
"""By the name of the query, with its default parameters."""


def query(truth: Truth) -> Truth:
    """The function is the truth of the query of its name, with `-` for `_`."""
    EXPECTED[truth.__name__.replace("_", "-")] = truth
    return truth


def grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    """Items by key."""
    groups: defaultdict[_Key, list[_Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def day(order: Order) -> date:
    """ORDER_DATE."""
    return order.time.date()


def month(moment: date) -> date:
    """The first day of the month."""
    return date(moment.year, moment.month, 1)


def months_ago(first: date, count: int) -> date:
    """The first day of the month `count` months before that of `first`."""
    months = first.year * 12 + first.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def week(moment: date) -> date:
    """The Monday of the week."""
    return moment - timedelta(moment.weekday())


def twelve_months(sales: Sales) -> list[tuple[date, list[Order]]]:
    """Orders of this month and the eleven before it, by month."""
    months = grouped(sales.since(months_ago(sales.today, 11)), lambda order: month(day(order)))
    return sorted(months.items())


def category(order: Order) -> str:
    """PRODUCT_CATEGORY."""
    return str(order.product_category)


def product(orders: Iterable[Order]) -> str:
    """MAX(product_name)."""
    return max(str(order.product_name) for order in orders)


def revenue(orders: Iterable[Order]) -> Decimal:
    """SUM(total_amount)."""
    return sum((order.total_amount for order in orders), Decimal(0))


def units(orders: Iterable[Order]) -> int:
    """SUM(quantity)."""
    return sum(order.quantity for order in orders)


def buyers(orders: Iterable[Order]) -> int:
    """COUNT(DISTINCT customer_id)."""
    return len({order.customer_id for order in orders})


def ratio(part: Decimal | Fraction | int, whole: Decimal | Fraction | int, places: int) -> Decimal | None:
    """part / whole, rounded half away from zero; None for a division by zero."""
    if whole == 0:
        return None
    value = Fraction(part) / Fraction(whole) * 10**places
    size = int(abs(value) + Fraction(1, 2))
    return Decimal(size if value >= 0 else -size).scaleb(-places)


def average(orders: Sequence[Order]) -> Decimal | None:
    """ROUND(AVG(total_amount), 2)."""
    return ratio(revenue(orders), len(orders), 2)


def growth(now: Decimal | int, before: Decimal | int) -> Decimal | None:
    """The change in percent, one decimal; None where there was nothing before."""
    return ratio(100 * (now - before), before, 1)


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Percent of the whole, one decimal."""
    return ratio(100 * part, whole, 1)
