"""Does a recorded allergy speak against a product?

By ingredient, in this order:
- the same words: "aspirin" and "aspirin";
- one word of it is a word of the ingredient: "insulin" and "insulin glargine" (salts and solvents
  do not count: an allergy to sodium valproate says nothing about sodium chloride);
- the ingredient is a longer name of the same: "penicillin" and "benzylpenicillin";
- the ward's signed group lists, `interaction <group>`: their items are product ids or ingredients;
- the stems that the WHO gives such groups: every name in "-cillin" is a penicillin, every name in
  "cef-" a cephalosporin. This stands in code so that a ward without lists is still safe with the
  commonest serious drug allergy.

It would rather ask once too often: the answer is a prescriber's or pharmacist's recorded reason.
"""

from collections.abc import Callable
from typing import NamedTuple

from statemachine.ward import Ward
from statemachine.ward.patients import Allergy
from statemachine.ward.stock import Product

_COMMON = frozenset(
    {
        "acid",
        "acetate",
        "anhydrous",
        "bromide",
        "calcium",
        "carbonate",
        "chloride",
        "citrate",
        "dihydrate",
        "fumarate",
        "gluconate",
        "hydrochloride",
        "hydrogen",
        "magnesium",
        "maleate",
        "mesilate",
        "monohydrate",
        "nitrate",
        "oral",
        "phosphate",
        "potassium",
        "sodium",
        "solution",
        "succinate",
        "sulfate",
        "sulphate",
        "tartrate",
        "tablets",
        "trihydrate",
        "water",
        "with",
        "and",
    }
)
"""Words that name a salt or a form, not what a person is allergic to."""

_STEMS: dict[str, Callable[[str], bool]] = {
    "penicillin": lambda name: "cillin" in name,
    "cephalosporin": lambda name: name.startswith(("cef", "ceph")),
}
_ALSO = {"penicillin": frozenset({"co-amoxiclav", "co-fluampicil", "augmentin", "tazocin"})}
LONGER_NAME_LETTERS_MIN = 6
"""Shorter words are not searched for inside longer ones: "iron" stands in "spironolactone"."""


class Conflict(NamedTuple):
    """An allergy that speaks against a product, and the ingredient it speaks against."""

    allergy: Allergy
    ingredient: str


def ingredients_of(product: Product) -> frozenset[str]:
    """What is inside, in lower case; the generic name where nothing else is said."""
    if not product.ingredients:
        return frozenset((product.generic.strip().lower(),))
    return frozenset(one.name.strip().lower() for one in product.ingredients)


def conflict(ward: Ward, allergies: tuple[Allergy, ...], product: Product) -> Conflict | None:
    """The allergy that speaks against the product: anaphylaxis first, intolerance last."""
    inside = sorted(ingredients_of(product) | {product.generic.strip().lower()})
    ranked = sorted(allergies, key=lambda one: _RANK.get(one.kind, 1))
    for allergy in ranked:
        against = " ".join(allergy.ingredient.lower().split())
        if not against:
            continue
        items = _group(ward, against)
        for ingredient in inside:
            if product.product in items or ingredient in items or same(against, ingredient):
                return Conflict(allergy, ingredient)
    return None


_RANK = {"anaphylaxis": 0, "allergy": 1, "intolerance": 2}


def _group(ward: Ward, against: str) -> frozenset[str]:
    items: list[str] = []
    for name in dict.fromkeys((against, _one(against))):
        listed = ward.stock.lists.get(f"interaction {name}")
        if listed is not None:
            items.extend(listed.items)
    # Product ids keep their letters, ingredients are lower case: both readings of each item hold.
    return frozenset(items) | frozenset(item.lower() for item in items)


def _one(word: str) -> str:
    """The singular of an English group name: `penicillins` is `penicillin`."""
    return word[:-1] if word.endswith("s") and len(word) > LONGER_NAME_LETTERS_MIN else word


def same(against: str, ingredient: str) -> bool:
    """Whether an allergy to `against` speaks against `ingredient`; both in lower case."""
    if against == ingredient:
        return True
    mine = {_one(word) for word in against.split()} - _COMMON
    theirs = {_one(word) for word in ingredient.split()} - _COMMON
    if mine & theirs:
        return True
    for word in mine:
        if len(word) >= LONGER_NAME_LETTERS_MIN and any(word in other for other in theirs):
            return True
        if word in _STEMS and any(_STEMS[word](other) for other in theirs):
            return True
        if theirs & _ALSO.get(word, frozenset()):
            return True
    return False
