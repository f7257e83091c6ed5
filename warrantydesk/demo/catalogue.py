"""The demo maker's catalogue: three printer kits with their bills of materials, and spare parts sold singly."""

from dataclasses import dataclass

MANUALS = "https://manuals.positron.example"


@dataclass(frozen=True)
class PartLine:
    """`quantity` of a part at `place`, each covered by itself (`singly`) or as one lot."""

    sku: str
    name: str
    quantity: int = 1
    place: str = ""
    singly: bool = False
    category: str = "standard"


def motor(sku: str, name: str, place: str, quantity: int = 1) -> PartLine:
    return PartLine(sku, name, quantity, place, singly=True, category="motor")


def wears(sku: str, name: str, quantity: int, place: str = "") -> PartLine:
    return PartLine(sku, name, quantity, place, category="consumable")


def one(sku: str, name: str, place: str = "") -> PartLine:
    return PartLine(sku, name, 1, place, singly=True)


def lot(sku: str, name: str, quantity: int, place: str = "") -> PartLine:
    return PartLine(sku, name, quantity, place)


_ELECTRONICS = (
    one("EL-MB32", "Mainboard, 32 bit", "Electronics"),
    one("EL-PSU24", "Power supply, 24 V 350 W", "Electronics"),
    one("EL-TFT5", "Touch display, 5 inch", "Front"),
    one("EL-DRV-X", "Stepper driver TMC2209", "X axis"),
    one("EL-DRV-Y", "Stepper driver TMC2209", "Y axis"),
    one("EL-DRV-Z", "Stepper driver TMC2209", "Z axis"),
    one("EL-DRV-E", "Stepper driver TMC2209", "Extruder"),
    lot("EL-END", "Endstop switch", 3, "Axes"),
    lot("EL-LOOM", "Wiring loom", 1, "Electronics"),
    one("EL-WIFI", "Network module", "Electronics"),
    lot("EL-FUSE", "Fuse, 10 A", 2, "Electronics"),
    one("EL-SSR", "Bed relay", "Electronics"),
    one("EL-CAM", "Camera module", "Frame"),
    lot("EL-LED", "Light strip", 1, "Frame"),
)
_HOT_END = (
    one("HE-BLK", "Heater block", "Hot end"),
    one("HE-CART", "Heater cartridge, 50 W", "Hot end"),
    one("HE-NTC", "Thermistor, 104NT-4", "Hot end"),
    lot("HE-NOZ", "Nozzle, 0.4 mm brass", 2, "Hot end"),
    one("HE-BRK", "Heat break, bimetal", "Hot end"),
    one("HE-SINK", "Heat sink", "Hot end"),
    one("HE-FAN", "Hot end fan, 4010", "Hot end"),
    one("HE-BLOW", "Part cooling blower, 5015", "Hot end"),
    one("HE-PROBE", "Bed probe, inductive", "Hot end"),
    lot("HE-SOCK", "Silicone sock", 2, "Hot end"),
)
_FASTENERS = (
    wears("CO-M3X8", "Screw M3 × 8", 120),
    wears("CO-M3X12", "Screw M3 × 12", 80),
    wears("CO-M5X10", "Screw M5 × 10", 60),
    wears("CO-M3NUT", "Nut M3", 90),
    wears("CO-TNUT", "Sliding nut M5", 60),
    wears("CO-TIE", "Zip ties", 50),
)
_FRAME = (
    lot("FR-2040", "Extrusion 20 × 40", 4, "Frame"),
    lot("FR-2020", "Extrusion 20 × 20", 6, "Frame"),
    lot("FR-CORNER", "Corner bracket", 12, "Frame"),
    lot("FR-FOOT", "Rubber foot", 4, "Frame"),
    lot("FR-PANEL", "Side panel, acrylic", 2, "Enclosure"),
    one("FR-DOOR", "Door, acrylic", "Enclosure"),
    lot("FR-HINGE", "Door hinge", 2, "Enclosure"),
    lot("FR-COVER", "Cable cover", 6, "Frame"),
    one("FR-SPOOL", "Spool holder", "Frame"),
    lot("FR-PRINTED", "Printed parts, set", 1, "Frame"),
)
_MOTION = (
    motor("MO-17-48-X", "Motor, 1.8° NEMA 17", "X axis"),
    motor("MO-17-48-Y", "Motor, 1.8° NEMA 17", "Y axis"),
    motor("MO-17-34-E", "Motor, 0.9° NEMA 17 pancake", "Extruder"),
    lot("MV-BELT-X", "Belt GT2, 6 mm", 1, "X axis"),
    lot("MV-BELT-Y", "Belt GT2, 6 mm", 1, "Y axis"),
    lot("MV-PUL", "Pulley GT2, 20 teeth", 4, "Axes"),
    lot("MV-IDL", "Idler GT2", 4, "Axes"),
    one("MV-RAIL-X", "Linear rail MGN12, 300 mm", "X axis"),
    lot("MV-RAIL-Y", "Linear rail MGN12, 350 mm", 2, "Y axis"),
    wears("CO-608", "Ball bearing 608", 4, "Z axis"),
    wears("CO-F623", "Ball bearing F623", 16, "Axes"),
    one("MV-EXT", "Extruder gears, dual drive", "Extruder"),
    lot("MV-TENS", "Belt tensioner", 2, "Axes"),
)
_BED = (
    one("BD-HEAT", "Heated bed, 310 × 310", "Bed"),
    one("BD-PLATE", "Spring steel plate, PEI", "Bed"),
    one("BD-NTC", "Bed thermistor", "Bed"),
    lot("BD-KNOB", "Levelling knob", 4, "Bed"),
    lot("BD-ARM", "Bed arm", 2, "Bed"),
)


_CUSTOMS = {  # by the beginning of the article number: customs tariff number and country of origin
    "KIT": ("8485.20", "NO"),
    "MO": ("8501.10", "CN"),
    "SP-MOTOR": ("8501.10", "CN"),
    "EL": ("8537.10", "TW"),
    "EL-PSU24": ("8504.40", "TW"),
    "SP-PSU24": ("8504.40", "TW"),
    "SP-MB32": ("8537.10", "TW"),
    "CO-608": ("8482.10", "JP"),
    "CO-F623": ("8482.10", "JP"),
    "SP-BEARINGS": ("8482.10", "JP"),
    "CO": ("7318.15", "CN"),
    "HE": ("8485.90", "CN"),
    "SP": ("8485.90", "NO"),
    "FR": ("8485.90", "NO"),
    "BD": ("8485.90", "NO"),
    "MV": ("8485.90", "TW"),
    "TC": ("8485.90", "NO"),
}


def customs_of(sku: str) -> tuple[str, str]:
    """Tariff number and country of origin of an article: those of the longest beginning that fits."""
    fitting = [beginning for beginning in _CUSTOMS if sku.startswith(beginning)]
    return _CUSTOMS[max(fitting, key=len)]


@dataclass(frozen=True)
class Kit:
    sku: str
    name: str
    lines: tuple[PartLine, ...]
    price: str


KITS = (
    Kit(
        "KIT-PK2",
        "Positron PK2 Mini kit",
        (
            *_ELECTRONICS[:10],
            *_HOT_END[:8],
            *_FRAME[:6],
            *_MOTION,
            *_BED[:3],
            motor("MO-17-40-Z", "Motor, 1.8° NEMA 17", "Z axis"),
            *_FASTENERS[:4],
        ),
        "449.00",
    ),
    Kit(
        "KIT-PK3",
        "Positron PK3 kit",
        (
            *_ELECTRONICS, *_HOT_END, *_FRAME, *_MOTION, *_BED,
            motor("MO-17-40-ZL", "Motor, 1.8° NEMA 17", "Z axis, left"),
            motor("MO-17-40-ZR", "Motor, 1.8° NEMA 17", "Z axis, right"),
            lot("MV-LEAD", "Lead screw T8", 2, "Z axis"),
            *_FASTENERS,
        ),
        "799.00",
    ),
    Kit(
        "KIT-PK3X",
        "Positron PK3 XL tool changer kit",
        (
            *_ELECTRONICS, *_HOT_END, *_FRAME, *_MOTION, *_BED,
            motor("MO-17-60-Z1", "Motor, 1.8° NEMA 17 long", "Z axis, front left"),
            motor("MO-17-60-Z2", "Motor, 1.8° NEMA 17 long", "Z axis, front right"),
            motor("MO-17-60-Z3", "Motor, 1.8° NEMA 17 long", "Z axis, rear"),
            motor("MO-17-34-E2", "Motor, 0.9° NEMA 17 pancake", "Second extruder"),
            one("HE2-BLK", "Heater block", "Second hot end"),
            one("HE2-CART", "Heater cartridge, 50 W", "Second hot end"),
            one("HE2-NTC", "Thermistor, 104NT-4", "Second hot end"),
            one("HE2-BRK", "Heat break, bimetal", "Second hot end"),
            one("HE2-FAN", "Hot end fan, 4010", "Second hot end"),
            one("TC-LOCK", "Tool lock", "Tool changer"),
            one("TC-SERVO", "Tool lock servo", "Tool changer"),
            lot("TC-DOCK", "Tool dock", 2, "Tool changer"),
            lot("TC-PIN", "Contact pins", 12, "Tool changer"),
            lot("MV-BALL", "Ball screw 1204", 3, "Z axis"),
            *_FASTENERS,
        ),
        "1499.00",
    ),
)  # fmt: skip

SPARES = (
    (motor("SP-MOTOR", "Motor, 1.8° NEMA 17, single", ""), "24.90"),
    (one("SP-HOTEND", "Hot end, complete"), "69.00"),
    (one("SP-MB32", "Mainboard, 32 bit, single"), "89.00"),
    (one("SP-TFT5", "Touch display, 5 inch, single"), "59.00"),
    (one("SP-PSU24", "Power supply, 24 V 350 W, single"), "54.00"),
    (wears("SP-BEARINGS", "Ball bearings 608, set of 10", 1), "9.50"),
    (one("SP-PLATE", "Spring steel plate, single"), "35.00"),
)
