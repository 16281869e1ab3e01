"""To Android apps, through Firebase Cloud Messaging."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts.models import Device
from coaching.toolkit import DeliveryFailed

from .pushing import DeviceGone, Note, never_left

if TYPE_CHECKING:
    from google.oauth2.service_account import Credentials
    from pyfcm import FCMNotification

SERVICE = "FCM"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


def is_configured() -> bool:
    """Whether this site has a service account of Firebase."""
    return bool(settings.FCM_SERVICE_ACCOUNT_FILE)


def send(device: Device, note: Note) -> str:
    """Hands `note` to Firebase for `device`, and returns its name there; raises like `web_push.send`."""
    import requests
    from pyfcm import errors

    try:
        account = _account(settings.FCM_SERVICE_ACCOUNT_FILE)
        firebase = _firebase(account, settings.FCM_BASE_URL)
        session = firebase.requests_session  # signs in; nothing has been sent when that fails
    except (errors.FCMError, ValueError, OSError) as problem:
        raise DeliveryFailed(f"{SERVICE} sign-in: {problem}", permanent=False) from problem
    try:
        with session:
            answer: dict[str, Any] = firebase.notify(
                fcm_token=device.token,
                notification_title=note.title,
                notification_body=note.body,
                data_payload={"id": note.id, "url": note.url},
                android_config={
                    "ttl": f"{note.lives}s",
                    "collapse_key": note.tag,
                    "notification": {"tag": note.tag},
                },
                timeout=settings.PUSH_TIMEOUT_SECONDS,
            )
    except (errors.FCMNotRegisteredError, errors.FCMSenderIdMismatchError) as problem:
        raise DeviceGone(str(problem)) from problem
    except errors.InvalidDataError as problem:
        raise DeliveryFailed(f"{SERVICE} refused it: {problem}", permanent=True) from problem
    except errors.AuthenticationError as problem:
        _account.cache_clear()  # signs in anew next time
        raise DeliveryFailed(f"{SERVICE}: {problem}", permanent=False) from problem
    except errors.FCMServerError as problem:
        raise DeliveryFailed(f"{SERVICE}: {problem}", permanent=False) from problem
    except requests.RequestException as problem:
        if never_left(problem):
            raise DeliveryFailed(f"{SERVICE} cannot be reached", permanent=False) from problem
        raise
    return str(answer.get("name", ""))


@lru_cache(maxsize=2)
def _account(service_account_file: str) -> "Credentials":
    """Keeps its token for as long as that is good."""
    from google.oauth2.service_account import Credentials

    return Credentials.from_service_account_file(service_account_file, scopes=[SCOPE])


def _firebase(account: "Credentials", base_url: str) -> "FCMNotification":
    """A client that posts once: the library's own repeats could show a note twice, and would hold the worker up."""
    from pyfcm import FCMNotification
    from requests import Response
    from requests.adapters import HTTPAdapter

    class PostsOnce(FCMNotification):
        FCM_END_POINT_BASE = base_url

        def _get_access_token(self) -> str:
            return str(account.token if account.valid else super()._get_access_token())

        def send_request(
            self, payload: bytes | None = None, timeout: float | None = None
        ) -> Response:
            answer: Response = self.requests_session.post(
                self.fcm_end_point, data=payload, timeout=timeout
            )
            return answer

    return PostsOnce(credentials=account, adapter=HTTPAdapter(max_retries=0))
