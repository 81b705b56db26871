"""Knows the invented people who hold the simulated phones."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from config.loading import RuleModel, load_rules
from mediation.vocabulary import DisputeType

Line = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Name = Annotated[str, StringConstraints(min_length=2, max_length=10)]
Code = Annotated[str, StringConstraints(pattern=r"^4111[a-z0-9-]*$")]


class Resident(RuleModel):
    """An invented resident (群众); `line` says in a few words who it is."""

    openid: Annotated[str, StringConstraints(pattern=r"^sim-resident-[a-z0-9-]{1,40}$")]
    name: Name
    line: Line


class Mediator(RuleModel):
    """An invented mediator (调解员) of one committee, which is named by its code."""

    openid: Annotated[str, StringConstraints(pattern=r"^sim-mediator-[a-z0-9-]{1,40}$")]
    name: Name
    committee: Code
    specialities: tuple[DisputeType, ...] = ()
    line: Line


class Place(RuleModel):
    """An example for the "location" button; coordinates are GCJ-02 degrees, roughly right."""

    label: Line
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Personas(RuleModel):
    """Everybody whom the simulator may play, and the places they may point at."""

    residents: Annotated[tuple[Resident, ...], Field(min_length=1)]
    mediators: Annotated[tuple[Mediator, ...], Field(min_length=1)]
    places: tuple[Place, ...] = ()

    @model_validator(mode="after")
    def _everybody_once(self) -> Self:
        openids = Counter([one.openid for one in self.residents] + [one.openid for one in self.mediators])
        names = Counter(one.name for one in self.mediators)
        twice = [value for counted in (openids, names) for value, count in counted.items() if count > 1]
        if twice:
            raise ValueError(f"written twice: {', '.join(twice)}")
        return self

    @property
    def openids(self) -> frozenset[str]:
        """Every account that the simulator may play."""
        return frozenset({one.openid for one in self.residents} | {one.openid for one in self.mediators})


def load_personas(config_dir: Path) -> Personas:
    """Read `demo.yaml`; raises config.loading.RuleFileError."""
    return load_rules(config_dir / "demo.yaml", Personas)
