"""The pharmacy's database: tables by chapter, engine, migrations."""

from pharmacy.db.base import Base
from pharmacy.db.clinical import (
    AdministrationRow,
    OrderRow,
    PatientIdentifierRow,
    PatientRow,
    WindowRow,
)
from pharmacy.db.engine import Database
from pharmacy.db.formulary import (
    DrugMapRow,
    FrequencyMapRow,
    ListRow,
    PocketRow,
    ProductRow,
    RecallRow,
    SettingRow,
)
from pharmacy.db.ledger import (
    BodyRow,
    CabinetKeyRow,
    CabinetRow,
    DnLineRow,
    EvidenceRow,
    HeadRow,
    PocketStockRow,
    StockChangeRow,
    UpLineRow,
)
from pharmacy.db.office import (
    AttentionRow,
    ChangeCounterRow,
    CredentialRow,
    FactRow,
    Hl7MessageRow,
    SessionRow,
    StaffRow,
    UserRow,
)

__all__ = [
    "AdministrationRow",
    "AttentionRow",
    "Base",
    "BodyRow",
    "CabinetKeyRow",
    "CabinetRow",
    "ChangeCounterRow",
    "CredentialRow",
    "Database",
    "DnLineRow",
    "DrugMapRow",
    "EvidenceRow",
    "FactRow",
    "FrequencyMapRow",
    "HeadRow",
    "Hl7MessageRow",
    "ListRow",
    "OrderRow",
    "PatientIdentifierRow",
    "PatientRow",
    "PocketRow",
    "PocketStockRow",
    "ProductRow",
    "RecallRow",
    "SessionRow",
    "SettingRow",
    "StaffRow",
    "StockChangeRow",
    "UpLineRow",
    "UserRow",
    "WindowRow",
]
