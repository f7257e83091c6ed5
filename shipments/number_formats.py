"""The tracking numbers carriers write: one row a format, and the check digits that tell a slip of the pen.   [pure]

Facts are the carriers' own label specifications, ISO/IEC 7064 (DPD), GS1 General Specifications (SSCC), UPU S10 and
ISO 3166. A number of digits alone and without a check digit is left out on purpose where it has no length of its own:
it would call every typing error of every other carrier a valid number.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

Check = Callable[[str], bool]
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _value(char: str) -> int:
    """The worth of a character in the mod 10 sums of UPS: A is 2, B is 3, and so on round again."""
    return int(char) if char.isdigit() else (ord(char) - 3) % 10


def _weighted(body: str, weights: tuple[int, ...]) -> int:
    return sum(_value(char) * weight for char, weight in zip(body, cycle(weights)))


def gs1(number: str) -> bool:
    """Mod 10 with weights 3, 1 from the right, as on every GS1 label."""
    return str(-_weighted(number[-2::-1], (3, 1)) % 10) == number[-1]


def ups(number: str) -> bool:
    """Mod 10 with weights 1, 2 over what follows the two letters or the one."""
    body = number[2:] if number.startswith("1Z") else number[1:]
    return str(-_weighted(body[:-1], (1, 2)) % 10) == body[-1]


def fedex(number: str) -> bool:
    """The last twelve digits: weights 3, 1, 7, modulo 11, then 10."""
    return str(_weighted(number[-12:-1], (3, 1, 7)) % 11 % 10) == number[-1]


def fedex_astra(number: str) -> bool:
    """The twelve digits inside the barcode of a FedEx label."""
    return fedex(number[16:28])


def luhn(number: str) -> bool:
    """Every second digit from the right doubled, digit sums, mod 10 (ISO/IEC 7812-1, Annex B)."""
    products = (int(digit) * weight for digit, weight in zip(number[::-1], cycle((1, 2))))
    return sum(product // 10 + product % 10 for product in products) % 10 == 0


def mod7(number: str) -> bool:
    """The last digit is what the others leave when divided by seven."""
    return int(number[:-1]) % 7 == int(number[-1])


def gls(number: str) -> bool:
    """Weights 3, 1 from the left, one added, mod 10."""
    return str(-(_weighted(number[:-1], (3, 1)) + 1) % 10) == number[-1]


def identcode(number: str) -> bool:
    """Weights 4, 9 from the left, mod 10, as under the bar codes of Deutsche Post."""
    return str(-_weighted(number[:-1], (4, 9)) % 10) == number[-1]


def iso7064(number: str) -> bool:
    """MOD 37,36 over digits and letters, the last character being the check."""
    carry = 36
    for char in number[:-1]:
        carry = ((carry + _BASE36.index(char)) % 36 or 36) * 2 % 37
    return _BASE36[(37 - carry) % 36] == number[-1]


def s10(number: str) -> bool:
    """Weights 8 6 4 2 3 5 9 7 over the eight digits; 10 becomes 0 and 11 becomes 5. The country must exist."""
    rest = 11 - _weighted(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return str({10: 0, 11: 5}.get(rest, rest)) == number[10] and number[11:] in COUNTRIES


def ontrac(number: str) -> bool:
    """As UPS, with the letter standing for a digit in front: C for 4, D for 5."""
    return ups("." + {"C": "4", "D": "5"}[number[0]] + number[1:])


def usps_routed(number: str) -> bool:
    """A postcode (420 and five or nine digits) may stand before the number; it is not part of the check."""
    return gs1(_without_postcode(number))


def usps_legacy(number: str) -> bool:
    """The older 20 digits, whose check counts the 91 that is not printed."""
    return gs1("91" + number)


def smartpost(number: str) -> bool:
    """The older 20 digits, whose check counts the 92 that is not printed."""
    return gs1("92" + number)


def _without_postcode(number: str) -> str:
    match = re.fullmatch(r"420(?:\d{5}|\d{9})(9[1-5](?:\d{20}|\d{24}))", number)
    return match[1] if match else number


@dataclass(frozen=True, slots=True)
class Format:
    """One way of writing a number. `check` is None where the carrier prints no check digit."""

    carrier: str
    service: str
    pattern: re.Pattern[str]
    check: Check | None = None


def _format(carrier: str, service: str, pattern: str, check: Check | None = None) -> Format:
    return Format(carrier, service, re.compile(pattern, re.ASCII), check)


FORMATS = (
    _format("ups", "ups", r"1Z[0-9A-Z]{15}\d", ups),
    _format("ups", "ups_waybill", r"[AHJKTV]\d{10}", ups),
    _format("fedex", "fedex_12", r"\d{12}", fedex),
    _format("fedex", "fedex_34", r"1[01]\d{32}", fedex),
    _format("fedex", "fedex_astra_32", r"3[23]\d{30}", fedex_astra),
    _format("fedex", "fedex_ground", r"\d{15}", gs1),
    _format("fedex", "fedex_ground_sscc_18", r"0[0-4]\d{16}", gs1),
    _format("fedex", "fedex_ground_96", r"96\d{20}", lambda number: gs1(number[7:])),
    _format("fedex", "fedex_ground_gsn", r"96\d{32}", fedex),
    _format("fedex", "fedex_smartpost", r"92\d{20}", gs1),
    _format("fedex", "fedex_smartpost", r"61\d{18}", smartpost),
    _format("usps", "usps_20", r"(?:0[13]|1[34]|2[123]|7\d|8[12])\d{18}", gs1),
    _format("usps", "usps_legacy", r"7\d{19}", usps_legacy),
    _format("usps", "usps_impb", r"(?:420(?:\d{5}|\d{9}))?9[1-5](?:\d{20}|\d{24})", usps_routed),
    _format("dhl", "dhl_express", r"\d{10,11}", mod7),
    _format("dhl", "dhl_express_piece_id", r"J[A-Z]{2,3}\d{9,10}"),
    _format("dhl", "dhl_paket", r"JJD\d{11,20}"),
    _format("dhl", "dhl_paket", r"00340\d{15}", gs1),
    _format("dhl", "dhl_parcel_benelux", r"JVGL\d{14,20}"),
    _format("dhl", "dhl_ecommerce", r"(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)\d{10,39}"),
    _format("dhl", "dhl_ecommerce", r"GM(?=[A-Z]*\d)[0-9A-Z]{14,39}"),
    _format("dhl", "dhl_ecommerce_14", r"[4-7]\d{13}"),
    _format("dpd", "dpd", r"[0-9A-Z]{7}\d{20}[0-9A-Z]", iso7064),
    _format("dpd", "dpd_14", r"\d{14}[0-9A-Z]", iso7064),
    _format("dpd", "dpd_14", r"\d{14}"),
    _format("gls", "gls_parcel", r"\d{12}", gls),
    _format("gls", "gls_track_id", r"(?=.*\d)[A-Z][0-9A-Z]{7}"),
    _format("s10", "s10", r"[A-Z]{2}\d{9}[A-Z]{2}", s10),
    _format("canadapost", "canada_post", r"\d{16}", gs1),
    _format("purolator", "purolator_numeric", r"[23]\d{11}", luhn),
    _format("purolator", "purolator_alpha", r"[A-Z]{3}\d{9}"),
    _format("canpar", "canpar_22", r"[DLS]\d{21}"),
    _format("ontrac", "ontrac", r"[CD]\d{14}", ontrac),
    _format("lasership", "lasership_lx", r"L[AEHINX][123]\d{7}"),
    _format("lasership", "lasership_1ls7", r"1LS7[12]\d{10}"),
    _format("lasership", "lasership_1ls7", r"1LS7[12]\d{2}01[1-4]\d{6}1"),
    _format("lasership", "lasership_1lscx", r"1LSCX[0-9A-Z]{10}"),
    _format("old_dominion", "old_dominion", r"(?:072|77[78]|780|80\d)\d{8}", luhn),
    _format("speedee", "speedee", r"SP\d{18}"),
    _format("landmark", "landmark_global", r"LTN\d{8}N\d"),
    _format("gofo", "gofo_us", r"GFUS\d{14}"),
    _format("amazon", "amazon_logistics", r"TB[ACM]\d{12}"),
    _format("amazon", "amazon_international", r"C\d{10}"),
    _format("yodel", "yodel", r"JJ?D\d{16}"),
    _format("yunexpress", "yunexpress", r"YT\d{16}"),
    _format("postnl", "postnl_3s", r"3S[A-Z]{4}\d{7,9}"),
)

# Numbers so plain that they say nothing by themselves: believed where somebody names the carrier, or pastes its link.
PLAIN_FORMATS = (
    _format("dhl", "dhl_identcode", r"\d{12}", identcode),
    _format("gls", "gls_unit", r"\d{11}"),  # the twelve digits of a label without their check digit
)

# Whose pages these are; a link to one of them names the carrier.
HOSTS = {
    "dhl.com": "dhl",
    "dhl.de": "dhl",
    "gls-group.com": "gls",
    "gls-group.eu": "gls",
    "gls-pakete.de": "gls",
}

# Who tracks a postal item (S10) of a country under a name of its own; every other one is the country's post, "s10".
POSTS = {
    "US": "usps",
    "GB": "royal_mail",
    "DE": "dhl",
    "CA": "canadapost",
    "NL": "postnl",
    "FR": "la_poste",
    "JP": "japan_post",
    "CN": "china_post",
    "AU": "australia_post",
    "CH": "swiss_post",
    "AT": "austrian_post",
}

CARRIER_NAMES = {
    "amazon": "Amazon Logistics",
    "australia_post": "Australia Post",
    "austrian_post": "Österreichische Post",
    "canadapost": "Canada Post",
    "canpar": "Canpar",
    "china_post": "China Post",
    "dhl": "DHL",
    "dpd": "DPD",
    "fedex": "FedEx",
    "gls": "GLS",
    "gofo": "Gofo",
    "japan_post": "Japan Post",
    "la_poste": "La Poste",
    "landmark": "Landmark Global",
    "lasership": "LaserShip",
    "old_dominion": "Old Dominion",
    "ontrac": "OnTrac",
    "postnl": "PostNL",
    "purolator": "Purolator",
    "royal_mail": "Royal Mail",
    "s10": "Post (international item, S10)",
    "speedee": "Spee-Dee",
    "swiss_post": "Swiss Post",
    "ups": "UPS",
    "usps": "USPS",
    "yodel": "Yodel",
    "yunexpress": "YunExpress",
}

# ISO 3166-1 alpha-2.
_ISO_3166 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
)
COUNTRIES = frozenset(re.findall(r"[A-Z]{2}", _ISO_3166))
