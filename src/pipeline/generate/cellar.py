"""What Les Caves d'Albert sells, to whom it is sent and where it is stored: the same for every seed."""

from dataclasses import dataclass
from random import Random

CATEGORIES = (("🍷 Rouge", 18), ("🥂 Blanc", 15), ("🌸 Rosé", 12), ("🍾 Effervescent", 30), ("🥃 Spiritueux", 45))
"""Name and base price in euros."""
GRAPES = {
    "🍷 Rouge": ("Merlot", "Syrah", "Pinot Noir", "Grenache", "Malbec"),
    "🥂 Blanc": ("Chardonnay", "Sauvignon", "Riesling", "Chenin", "Viognier"),
    "🌸 Rosé": ("Cinsault", "Grenache Gris", "Tibouren"),
    "🍾 Effervescent": ("Crémant", "Champagne Brut", "Blanquette"),
    "🥃 Spiritueux": ("Cognac", "Armagnac", "Calvados"),
}
ADJECTIVES = ("Élégant", "Fruité", "Boisé", "Corsé", "Léger", "Épicé", "Minéral", "Velouté")
FIRST_PRODUCT = 1000
PRODUCT_COUNT = 50
CUSTOMER_COUNT = 150
WAREHOUSES = ("Entrepôt Paris", "Entrepôt Lyon", "Entrepôt Bordeaux", "Cave Centrale")
CHANNELS = ("SITE_WEB", "SITE_WEB", "SITE_WEB", "APPLI_MOBILE", "APPLI_MOBILE", "BOUTIQUE", "TELEPHONE")
PAYMENTS = ("CARTE_BANCAIRE", "CARTE_BANCAIRE", "CARTE_BANCAIRE", "PAYPAL", "PAYPAL", "VIREMENT", "APPLE_PAY")
BOTTLES = ("0.75", "0.75", "0.75", "0.75", "0.375", "0.5", "1.0", "1.5")
"""Litres."""
STREETS = ("rue des Vignes", "avenue de la République", "place du Marché", "chemin de l'Étang", "boulevard Voltaire")
TOWNS = ("75011 Paris", "69003 Lyon", "33000 Bordeaux", "13006 Marseille", "67000 Strasbourg", "29200 Brest")


@dataclass(frozen=True, slots=True)
class Product:
    """A bottle; its price never changes."""

    product_id: int
    name: str
    category: str
    price: int
    """Cents."""


def catalogue() -> tuple[Product, ...]:
    """All products, from 0.7 to 2.0 times the base price of their category."""
    draw = Random(0).random
    products = []
    for product_id in range(FIRST_PRODUCT, FIRST_PRODUCT + PRODUCT_COUNT):
        category, base = CATEGORIES[int(draw() * len(CATEGORIES))]
        grape = GRAPES[category][int(draw() * len(GRAPES[category]))]
        year = 2010 + int(draw() * 15)
        name = f"{grape} {year} – {ADJECTIVES[int(draw() * len(ADJECTIVES))]}"
        products.append(Product(product_id, name, category, int(base * (70 + draw() * 130))))
    return tuple(products)
