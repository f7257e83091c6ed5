"""Parcels: our workshop, the carriers' keys, and what they put up with."""

from warrantydesk import env
from warrantydesk.settings.place import DEBUG

SIMULATED_CARRIER = env.flag(
    "SIMULATED_CARRIER",
    DEBUG,
    "Offer the simulated carrier, whose parcels move by the clock. Off in production unless asked for.",
    shown_default="as DEBUG",
)
WORKSHOP_ADDRESS = [
    line.strip()
    for line in env.text(
        "WORKSHOP_ADDRESS",
        "Workshop; Musterstraße 1; 12345 Berlin; Germany",
        "Where parcels for repair are sent, below the maker's name: its lines, parted by semicolons or line breaks.",
    )
    .replace(";", "\n")
    .splitlines()
    if line.strip()
]
# Each carrier is on offer once its keys are there. Every one of them may be given as NAME_FILE too.
CARRIER_ACCESS = {
    name: env.text(name, default, says)
    for name, default, says in (
        ("DHL_API_KEY", "", "Key of DHL's Shipment Tracking – Unified."),
        ("DHL_URL", "https://api-eu.dhl.com", "Address of that interface."),
        ("DHL_WEBHOOK_SECRET", "", "Token DHL sends in X-Webhook-Token with a push: a hint to ask, no proof."),
        ("UPS_CLIENT_ID", "", "OAuth client of UPS."),
        ("UPS_CLIENT_SECRET", "", "Its secret."),
        ("UPS_URL", "https://onlinetools.ups.com", "Address of UPS; https://wwwcie.ups.com is the sandbox."),
        ("UPS_WEBHOOK_SECRET", "", "Credential UPS Track Alert sends along: a hint to ask, no proof."),
        ("FEDEX_CLIENT_ID", "", "API key of FedEx."),
        ("FEDEX_CLIENT_SECRET", "", "Its secret."),
        ("FEDEX_URL", "https://apis.fedex.com", "Address of FedEx; https://apis-sandbox.fedex.com is the sandbox."),
        ("FEDEX_WEBHOOK_SECRET", "", "Security token of the webhook project: signs every call."),
        ("USPS_CLIENT_ID", "", "Consumer key of USPS."),
        ("USPS_CLIENT_SECRET", "", "Its secret."),
        ("USPS_URL", "https://apis.usps.com", "Address of USPS; https://apis-tem.usps.com is the test one."),
        ("USPS_WEBHOOK_SECRET", "", "Secret of the tracking subscription: signs every call."),
        ("GLS_CLIENT_ID", "", "API key of GLS."),
        ("GLS_CLIENT_SECRET", "", "Its secret."),
        ("GLS_URL", "https://api.gls-group.net", "Address of GLS; https://api-sandbox.gls-group.net is the sandbox."),
        ("EASYPOST_API_KEY", "", "Key of EasyPost, which follows the carriers that cannot be asked directly."),
        ("EASYPOST_URL", "https://api.easypost.com", "Address of EasyPost."),
        ("EASYPOST_WEBHOOK_SECRET", "", "Secret of the webhook: signs every call."),
        ("AFTERSHIP_API_KEY", "", "Key of AfterShip, which follows the carriers that cannot be asked directly."),
        ("AFTERSHIP_URL", "https://api.aftership.com", "Address of AfterShip."),
        ("AFTERSHIP_WEBHOOK_SECRET", "", "Secret of the webhook: signs every call."),
    )
}
CARRIER_ACCESS |= {
    f"{name}_OLD": env.text(f"{name}_OLD", "", "The one before it, taken too while it is being changed.")
    for name in CARRIER_ACCESS
    if name.endswith("_WEBHOOK_SECRET")
}
CARRIER_LIMITS = env.rates(
    "CARRIER_LIMITS",
    float,
    "What a carrier puts up with from one process where your contract says otherwise: "
    "CARRIER=CALLS_A_SECOND/AT_ONCE, e.g. `dhl=10/20`; 0 calls a second is no limit.",
    form="CARRIER=CALLS_A_SECOND/AT_ONCE, as dhl=10/20",
)
CARRIER_TIMEOUT_SECONDS = env.number("CARRIER_TIMEOUT_SECONDS", 20, "Longest a carrier's answer may take.", least=1)
CARRIER_WEBHOOK_SECONDS = env.number(
    "CARRIER_WEBHOOK_SECONDS",
    900,
    "How far a signed webhook's time may lie from ours, either way; beyond it the carrier is asked instead.",
    least=1,
)
CARRIER_PRIVATE_ADDRESSES = env.flag(
    "CARRIER_PRIVATE_ADDRESSES",
    False,
    "Let carriers' addresses be http, private or this machine: for a sandbox on one's own network only.",
)
SILENT_PARCEL_DAYS = env.number(
    "SILENT_PARCEL_DAYS", 10, "Days without a scan after which a travelling parcel raises an alarm.", least=1
)
