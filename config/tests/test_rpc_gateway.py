"""The gRPC gateway as its clients meet it: who gets in, what is told about it, and how it ends."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import grpc
import pytest
from django.test import Client
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from accounts.models import User
from accounts.rpc.calls import token_of
from accounts.sessions import sign_out_everywhere
from accounts.tests.factories import UserFactory
from config.runtime.live import ROOT, LiveGateway, LiveHouse, listens
from config.runtime.processes import free_port, wait_until
from config.runtime.supervisor import Supervisor
from momentum.rpc.momentum import messages, services

from .cut_line import Line
from .grpc_house import PATIENCE, Served, details_of, grpc_house, signed, token_for

__all__ = ["grpc_house"]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def refused(call: Any, *args: Any, **kwargs: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call(*args, **kwargs)
    return caught.value


def today(stub: Any, *metadata: tuple[str, str], **more: Any) -> Any:
    return stub.Today(messages.TodayRequest(), metadata=metadata, timeout=PATIENCE, **more)


def test_nobody_gets_in_without_a_token(grpc_house: Served) -> None:
    error = refused(today, grpc_house.stub(services, "Momentum"))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert details_of(error)["reason"] == "NOT_AUTHENTICATED"


@pytest.mark.parametrize("token", ["wrong", "x" * 5000, "' OR 1=1"])
def test_a_token_nobody_gave_out_is_refused(grpc_house: Served, token: str) -> None:
    error = refused(today, grpc_house.stub(services, "Momentum"), ("x-session-token", token))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED


def test_the_token_of_a_session_works_in_both_ways_of_sending_it(grpc_house: Served) -> None:
    stub, token = grpc_house.stub(services, "Momentum"), token_for(UserFactory.create())
    assert today(stub, ("x-session-token", token)).gap == "no_consent"
    assert today(stub, ("authorization", f"Bearer {token}")).gap == "no_consent"


def test_a_session_that_ended_no_longer_opens_the_door(grpc_house: Served) -> None:
    stub, user = grpc_house.stub(services, "Momentum"), UserFactory.create()
    token = ("x-session-token", token_for(user))
    assert today(stub, token).today

    sign_out_everywhere(user)

    assert refused(today, stub, token).code() is grpc.StatusCode.UNAUTHENTICATED


def test_an_expired_session_is_refused(grpc_house: Served) -> None:
    stub, user = grpc_house.stub(services, "Momentum"), UserFactory.create()
    client = Client()
    client.force_login(user)
    session = client.session
    session.set_expiry(-1)
    session.save()
    error = refused(today, stub, ("x-session-token", str(session.session_key)))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_person_who_was_switched_off_is_refused(grpc_house: Served) -> None:
    stub, user = grpc_house.stub(services, "Momentum"), UserFactory.create()
    token = ("x-session-token", token_for(user))
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert refused(today, stub, token).code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_request_beyond_all_bounds_is_refused(grpc_house: Served) -> None:
    stub, user = grpc_house.stub(services, "Momentum"), UserFactory.create()
    request = messages.RangeRequest(version="v" * 400_000)
    assert refused(stub.Range, request, **signed(user)).code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_what_no_column_can_hold_is_refused_in_words(grpc_house: Served) -> None:
    stub, user = grpc_house.stub(services, "Momentum"), UserFactory.create()
    error = refused(stub.Range, messages.RangeRequest(version="v\0"), **signed(user))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details_of(error)["fields"] == {"version": "There is no such version."}


def test_a_call_ends_at_its_deadline(grpc_house: Served) -> None:
    stub, user = grpc_house.stub(services, "Momentum"), UserFactory.create()
    metadata = (("x-session-token", token_for(user)),)
    error = refused(stub.Today, messages.TodayRequest(), metadata=metadata, timeout=0.000_001)
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_everybody_may_ask_whether_it_is_well(grpc_house: Served) -> None:
    stub = health_pb2_grpc.HealthStub(grpc_house.channel())
    for name in ("", "habyss.momentum.v1.Momentum", "habyss.coach.v1.Coach"):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=PATIENCE)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_the_services_describe_themselves(grpc_house: Served) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(grpc_house.channel())
    question = reflection_pb2.ServerReflectionRequest(list_services="")
    answers = list(stub.ServerReflectionInfo(iter([question]), timeout=PATIENCE))
    names = {service.name for service in answers[0].list_services_response.service}
    assert names >= {
        "habyss.coach.v1.Coach",
        "habyss.momentum.v1.Momentum",
        "habyss.tasks.v1.Tasks",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }
    symbol = reflection_pb2.ServerReflectionRequest(
        file_containing_symbol="habyss.momentum.v1.Momentum"
    )
    described = list(stub.ServerReflectionInfo(iter([symbol]), timeout=PATIENCE))
    assert described[0].file_descriptor_response.file_descriptor_proto


def test_a_method_nobody_serves_is_unimplemented(grpc_house: Served) -> None:
    call = grpc_house.channel().unary_unary(
        "/habyss.momentum.v1.Momentum/Forecast",
        request_serializer=None,
        response_deserializer=None,
    )
    assert refused(call, b"", timeout=PATIENCE).code() is grpc.StatusCode.UNIMPLEMENTED


def test_the_token_is_found_in_either_header() -> None:
    assert token_of((("x-session-token", "a"), ("authorization", "Bearer b"))) == "a"
    assert token_of((("authorization", "bearer b"),)) == "b"
    assert token_of((("authorization", "Basic b"),)) is None
    assert token_of((("x-session-token", ""),)) is None
    assert token_of(None) is None


@pytest.mark.slow
def test_a_gateway_of_its_own_serves_from_any_place_and_ends_in_order(
    live_environment: dict[str, str], tmp_path: Path
) -> None:
    user = UserFactory.create()
    port = free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "run_grpc", "--port", str(port)]
    with subprocess.Popen(
        command, env=live_environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == (f"The gRPC gateway listens on 127.0.0.1:{port}\n")
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub = services.MomentumStub(channel)
                assert today(stub, ("x-session-token", token_for(user))).gap == "no_consent"
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.mark.slow
def test_without_its_database_it_says_so(live_environment: dict[str, str], tmp_path: Path) -> None:
    environment = {
        **live_environment,
        "DATABASE_URL": f"postgres://nobody:nothing@127.0.0.1:{free_port()}/nowhere",
        "DATABASE_POOL_TIMEOUT_SECONDS": "1",
    }
    with (
        LiveGateway(environment, tmp_path) as gateway,
        grpc.insecure_channel(gateway.address) as channel,
    ):
        answer = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=PATIENCE
        )
        assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        error = refused(today, services.MomentumStub(channel), ("x-session-token", "any"))
        assert error.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.slow
def test_a_database_that_goes_away_and_comes_back_is_told_while_it_runs(
    live_environment: dict[str, str], tmp_path: Path
) -> None:
    user = UserFactory.create()
    token = ("x-session-token", token_for(user))
    stored = urlsplit(live_environment["DATABASE_URL"])
    with Line(stored.hostname or "127.0.0.1", stored.port or 5432) as line:
        who = stored.netloc.rpartition("@")[0]
        through = stored._replace(netloc=f"{who}@127.0.0.1:{line.port}")
        environment = {
            **live_environment,
            "DATABASE_URL": urlunsplit(through),
            "DATABASE_POOL_TIMEOUT_SECONDS": "1",
        }
        with (
            LiveGateway(environment, tmp_path) as gateway,
            grpc.insecure_channel(gateway.address) as channel,
        ):
            health, momentum = (
                health_pb2_grpc.HealthStub(channel),
                services.MomentumStub(channel),
            )

            def tells(status: int) -> bool:
                question = health_pb2.HealthCheckRequest(service="habyss.momentum.v1.Momentum")
                return bool(health.Check(question, timeout=PATIENCE).status == status)

            assert wait_until(lambda: tells(SERVING), seconds=60, every=0.2)
            assert today(momentum, token).gap == "no_consent"
            line.cut()
            assert wait_until(lambda: tells(NOT_SERVING), seconds=60, every=0.2)
            assert refused(today, momentum, token).code() is grpc.StatusCode.UNAVAILABLE
            line.mend()
            assert wait_until(lambda: tells(SERVING), seconds=60, every=0.2)
            assert wait_until(lambda: has_answer(momentum, token), seconds=60, every=0.2)


def has_answer(stub: Any, token: tuple[str, str]) -> bool:
    """Whether a call comes through; the first one may still meet a connection of before."""
    try:
        return bool(today(stub, token).gap == "no_consent")
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.UNAVAILABLE:
            raise
        return False


@pytest.mark.slow
def test_with_a_certificate_it_speaks_tls(live_environment: dict[str, str], tmp_path: Path) -> None:
    certificate, key = certificate_in(tmp_path)
    environment = {
        **live_environment,
        "GRPC_TLS_CERT": str(certificate),
        "GRPC_TLS_KEY": str(key),
    }
    token = ("x-session-token", token_for(UserFactory.create()))
    with LiveGateway(environment, tmp_path) as gateway:
        trusted = grpc.ssl_channel_credentials(certificate.read_bytes())
        name = (("grpc.ssl_target_name_override", "localhost"),)
        with grpc.secure_channel(gateway.address, trusted, options=name) as channel:
            assert today(services.MomentumStub(channel), token).today
        with grpc.insecure_channel(gateway.address) as channel:
            error = refused(today, services.MomentumStub(channel), token)
            assert error.code() is grpc.StatusCode.UNAVAILABLE


def certificate_in(directory: Path) -> tuple[Path, Path]:
    """A certificate for localhost that signs itself, and its key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = directory / "certificate.pem", directory / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def test_the_house_serves_grpc_only_when_it_is_told_to(tmp_path: Path) -> None:
    def parts(**options: bool) -> list[str]:
        environment = {"DATABASE_URL": "postgres://", "REDIS_URL": "redis://"}
        house = Supervisor(
            ROOT,
            tmp_path,
            host="127.0.0.1",
            port=8000,
            demo=False,
            environment=environment,
            **options,
        )
        return [child.name for child in house.children]

    assert "grpc" not in parts()
    assert "grpc" in parts(grpc=True)


@pytest.mark.slow
def test_a_house_with_grpc_says_where_and_starts_it_again(house: LiveHouse) -> None:
    port = free_port()
    house.environment["GRPC_PORT"] = str(port)
    house.arguments = ["--grpc"]
    house.start()
    assert f"gRPC is served at 127.0.0.1:{port}" in house.output()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    house.kill_part("run_grpc")
    assert wait_until(lambda: "grpc was killed by SIGKILL" in house.output(), seconds=30)
    assert wait_until(lambda: listens("127.0.0.1", port), seconds=60, every=0.1), house.output()
