"""Patients: who is on the ward, how they are told apart, what they are allergic to."""

from typing import ClassVar, Literal

import msgspec
from immutables import Map

from statemachine.ward.entry import Directive, Entry, LineRef

PatientStatus = Literal["expected", "admitted", "on leave", "discharged", "cancelled"]


class Allergy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One recorded allergy: an ingredient (or group) in lower case and how bad it was."""

    ingredient: str
    kind: Literal["anaphylaxis", "intolerance", "allergy"] = "allergy"


class Patient(Directive, frozen=True, kw_only=True):
    """A patient as last heard from admission (RULES 3). Replaces the earlier line of the same id.

    Attributes:
        patient: opaque id; everything else in the logs uses only this.
        family, given, title: as shown, `SMITH, John (Mr)`.
        born: `YYYY-MM-DD`, or empty when not known.
        gender: `male`, `female`, `other`, `unknown`.
        nhs: NHS number, 10 digits, or empty.
        mrn: hospital number, or empty.
        ward, bed: where they are now.
        status: see `PatientStatus`.
        until_s: after discharge, when the name leaves the lists, seconds since 1970.
        allergies_recorded: False is shown as "not recorded", never as "none known".
        allergies: what is recorded; empty with `allergies_recorded` means none known.
    """

    TYPE: ClassVar[str] = "patient"
    patient: str
    family: str = ""
    given: str = ""
    title: str = ""
    born: str = ""
    gender: str = "unknown"
    nhs: str = ""
    mrn: str = ""
    ward: str = ""
    bed: str = ""
    status: PatientStatus = "admitted"
    discharged_s: int | None = None
    expected_s: int | None = None
    until_s: int | None = None
    allergies_recorded: bool = False
    allergies: tuple[Allergy, ...] = ()


class PatientMerge(Directive, frozen=True, kw_only=True):
    """Two records are one person: `merged` lives on as `patient`."""

    TYPE: ClassVar[str] = "patient.merge"
    patient: str
    merged: str


class PatientForgotten(Entry, frozen=True, kw_only=True):
    """The names of a patient discharged 72 h ago were forgotten here; the chain still holds."""

    TYPE: ClassVar[str] = "patient.forgotten"
    patient: str


class PatientChosen(Entry, frozen=True, kw_only=True):
    """Somebody opened this patient's list, and by what proof."""

    TYPE: ClassVar[str] = "patient.chosen"
    actor: str
    patient: str
    panel: int
    by: Literal["list", "ticket", "wristband", "number"] = "list"
    reason: str = ""


class KnownPatient(msgspec.Struct, frozen=True, kw_only=True):
    """The latest `patient` line and where it stands."""

    record: Patient
    line: LineRef


class Patients(msgspec.Struct, frozen=True, kw_only=True):
    """Everyone known by id; merged ids point to the one that lives on; look-ups by number."""

    known: Map[str, KnownPatient] = msgspec.field(default_factory=Map)
    merged: Map[str, str] = msgspec.field(default_factory=Map)
    by_nhs: Map[str, str] = msgspec.field(default_factory=Map)
    by_mrn: Map[str, str] = msgspec.field(default_factory=Map)
