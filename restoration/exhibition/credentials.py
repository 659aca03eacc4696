"""What content credentials say of a file, and whether to believe them, read from a verifier's report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from restoration.exhibition.credentials_definition import OWN_ASSERTION

UNTRUSTED = "signingCredential.untrusted"
FAULTS = {
    "assertion.dataHash.mismatch": "the file was changed after it was signed",
    "assertion.hashedURI.mismatch": "a statement in the credentials was changed after they were signed",
    "assertion.missing": "a statement was taken out of the credentials after they were signed",
    "claimSignature.mismatch": "the signature does not fit the credentials",
    "claimSignature.missing": "the credentials have no signature",
    "claimSignature.outsideValidity": "it was signed when the certificate was not valid",
    "signingCredential.expired": "the certificate has expired",
    "signingCredential.invalid": "the certificate may not sign content credentials",
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What the credentials of a file say, and whether to believe them.

    Attributes:
        file: that they are of.
        found: whether there are any.
        valid: they are whole, and the file is the one that was signed.
        trusted: valid, and signed by somebody whom the given authorities vouch for.
        embedded: in the file; else beside it.
        signed_by: organisation and name in the certificate; blank where it cannot be read.
        title: of the recording.
        software: what made the claim.
        actions: what was done, a sentence each, first to last.
        origin: our own assertion (``credentials_definition.origin``); empty for credentials of other software.
        faults: why they are not valid, a sentence each.
    """

    file: Path
    found: bool = True
    valid: bool = False
    trusted: bool = False
    embedded: bool = True
    signed_by: str = ""
    title: str = ""
    software: str = ""
    actions: tuple[str, ...] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def credentials_in(report: Mapping[str, Any], file: Path, embedded: bool) -> Credentials:
    """What the report (JSON of c2pa-rs) of a verifier says; trust in the signer is apart from validity."""
    manifest = report.get("manifests", {}).get(report.get("active_manifest", ""), {})
    state = report.get("validation_state")
    statements = {one["label"]: one.get("data") or {} for one in manifest.get("assertions", [])}
    actions = next((data for name, data in statements.items() if name.startswith("c2pa.actions")), {})
    signature = manifest.get("signature_info") or {}
    names = (signature.get("issuer"), signature.get("common_name"))
    valid = state in ("Valid", "Trusted")
    return Credentials(
        file=file,
        valid=valid,
        trusted=state == "Trusted",
        embedded=embedded,
        signed_by=", ".join(name for name in names if name),
        title=str(manifest.get("title") or ""),
        software=" ".join(_generators(manifest)),
        actions=tuple(_action(one) for one in actions.get("actions", [])),
        origin=statements.get(OWN_ASSERTION, {}),
        faults=() if valid else tuple(_faults(report)) or ("they are not valid, and the library does not say why",),
    )


def _generators(manifest: Mapping[str, Any]) -> Iterator[str]:
    for one in manifest.get("claim_generator_info") or []:
        yield f"{one.get('name', '')} {one.get('version', '')}".strip()


def _action(action: Mapping[str, Any]) -> str:
    words = str(action.get("description") or str(action.get("action", "")).removeprefix("c2pa."))
    term = str(action.get("digitalSourceType") or "").rpartition("/")[2]
    return f"{words} ({term})" if term else words


def _faults(report: Mapping[str, Any]) -> Iterator[str]:
    results = report.get("validation_results") or {}
    for one in (results.get("activeManifest") or {}).get("failure") or report.get("validation_status") or []:
        if one.get("code") != UNTRUSTED:
            yield FAULTS.get(one.get("code"), f"{one.get('explanation') or 'not valid'} ({one.get('code')})")


def verdict(found: Credentials) -> str:
    """Whether to believe the credentials of a file, in a sentence."""
    if not found.found or not found.valid:
        return f"{'not valid' if found.found else 'not signed'}: {'; '.join(found.faults)}"
    where = "" if found.embedded else ", by credentials that lie beside it"
    if found.trusted:
        return f"valid{where}: signed by {found.signed_by}, for whom an authority that you trust vouches"
    return f"valid{where}: unchanged since {found.signed_by} signed it, by a certificate that nobody here vouches for"
