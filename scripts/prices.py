"""Writes what genai-prices knows in the form that server/src/prices reads.

Numbers are dollars per million tokens. A model is known by names; by what its
name begins with or contains where the package says so. Patterns for dated names
are left out, as the reader knows dates by itself. A price may hold from a day on
(`from`) or between two minutes of a day in UTC (`between`). A provider has `tiers`
where a class of service costs a known share of its prices.
"""

import json
import sys
from importlib.metadata import version

from genai_prices.data import providers
from genai_prices.types import StartDateConstraint, TieredPrices

FIELDS = {
    "input_mtok": "input",
    "cache_read_mtok": "cached_input",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "cache_audio_read_mtok": "cached_audio",
    "output_audio_mtok": "output_audio",
    "requests_kcount": "thousand_requests",
}
# Shares of the list price that providers publish for a class of service.
TIERS = {
    "anthropic": {"batch": 0.5},
    "azure": {"batch": 0.5},
    "openai": {"batch": 0.5, "flex": 0.5},
}
DATED = r"\d{8}", r"\d{4}-\d{2}-\d{2}"
MISTRAL = (
    "mistral", "ministral", "codestral", "devstral", "magistral", "mixtral", "pixtral",
    "voxtral", "open-mistral", "open-mixtral", "labs-",
)


def patterns(clause):
    """The ways in which a clause knows a name: (kind, text) pairs."""
    kind = type(clause).__name__
    if kind == "ClauseOr":
        return [found for part in clause.or_ for found in patterns(part)]
    if kind == "ClauseAnd":
        # A beginning that must not go on in a certain way: what goes on in that
        # way is listed by its whole name, and whole names are tried first.
        return [found for part in clause.and_ for found in patterns(part) if found[0] == "starts"]
    if kind == "ClauseEquals":
        return [("names", clause.equals.lower())]
    if kind == "ClauseStartsWith":
        return [("starts", clause.starts_with.lower())]
    if kind == "ClauseEndsWith":
        return [("ends", clause.ends_with.lower())]
    if kind == "ClauseContains":
        return [("contains", clause.contains.lower())]
    if kind == "ClauseRegex" and clause.regex == "^o[134]":
        return [("starts", f"o{digit}") for digit in (1, 3, 4)]
    if kind == "ClauseRegex" and "mixtral|pixtral" in clause.regex:
        return [("starts", name) for name in MISTRAL]
    if kind == "ClauseRegex" and any(date in clause.regex for date in (*DATED, "(?!", r"-\d")):
        return []
    print(f"left out: {clause}", file=sys.stderr)
    return []


def known_by(clause):
    known = {}
    for kind, text in patterns(clause) if clause else []:
        known.setdefault(kind, [])
        if text not in known[kind]:
            known[kind].append(text)
    return known


def number(value):
    return int(value) if value == value.to_integral_value() else float(value)


def amount(value):
    if isinstance(value, TieredPrices):
        tiers = [[tier.start, number(tier.price)] for tier in value.tiers]
        return {"base": number(value.base), "over": tiers}
    return number(value)


def charges(prices):
    pairs = ((name, getattr(prices, field, None)) for field, name in FIELDS.items())
    return {name: amount(value) for name, value in pairs if value is not None}


def minutes(time):
    return time.hour * 60 + time.minute


def condition(constraint):
    if constraint is None:
        return {}
    if isinstance(constraint, StartDateConstraint):
        return {"from": constraint.start_date.isoformat()}
    return {"between": [minutes(constraint.start_time), minutes(constraint.end_time)]}


def over_time(prices):
    """Prices in the order in which they are tried: the first that holds counts."""
    if not isinstance(prices, list):
        made = [charges(prices)]
    else:
        made = [condition(one.constraint) | charges(one.prices) for one in reversed(prices)]
    return [one for one in made if "input" in one or "output" in one]


def lines():
    yield "{"
    yield f'  "source": {json.dumps("genai-prices " + version("genai-prices"))},'
    yield '  "providers": ['
    for at, provider in enumerate(providers):
        head = {"id": provider.id, "called": known_by(provider.provider_match), "makes": known_by(provider.model_match)}
        head["tiers"] = TIERS.get(provider.id)
        head["also"] = list(provider.fallback_model_providers or [])
        head = {key: value for key, value in head.items() if value}
        yield "    " + json.dumps(head)[:-1] + ', "models": ['
        models = []
        for model in provider.models:
            known, prices = known_by(model.match), over_time(model.prices)
            if known and prices:
                models.append(json.dumps(known | {"prices": prices}))
        yield ",\n".join("      " + model for model in models)
        yield "    ]}" + ("," if at + 1 < len(providers) else "")
    yield "  ]"
    yield "}"


if __name__ == "__main__":
    text = "\n".join(lines()) + "\n"
    json.loads(text)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(text)
