"""Keys that a site makes for itself. `python -m config.runtime.keys` prints a new one for web push."""

import base64
import secrets

# The order of the curve P-256 (FIPS 186-4, D.1.2.3): private keys lie between 1 and one less.
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def new_vapid_key() -> str:
    """A private key for VAPID (RFC 8292): 32 bytes as unpadded base64url."""
    number = 1 + secrets.randbelow(_P256_ORDER - 1)
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


if __name__ == "__main__":
    print(new_vapid_key())
