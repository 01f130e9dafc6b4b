"""No name, however it is written or led, takes the client into the network of this machine."""

import datetime
import socket
import ssl
from itertools import chain, repeat

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from presslens.app.harvest.polite_client import (
    CheckedNetwork,
    FetchFailed,
    Manners,
    PoliteClient,
    is_public,
)

from .library_server import Answer, library_server

PUBLIC, OTHER = "93.184.216.34", "2606:4700::1111"
INSIDE = "is in the network of this machine: --allow-host"


class Internet(httpcore2.SyncBackend):
    """The whole internet is one server on loopback; remembers which addresses were asked."""

    def __init__(self, down=()):
        self.asked = []
        self.down = set(down)

    def connect_tcp(self, host, *options, **more):
        self.asked.append(host)
        if host in self.down:
            raise httpcore2.ConnectError("down")
        return super().connect_tcp("127.0.0.1", *options, **more)


class Names:
    """A resolver that answers what is given for a name, and reads numbers as the system does."""

    def __init__(self, answers):
        self.answers = {name: iter(given) for name, given in answers.items()}
        self.asked = []

    def __call__(self, host):
        self.asked.append(host)
        if host in self.answers:
            return next(self.answers[host])
        if ":" in host:
            return [host]
        try:
            return [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError:
            return [str(socket.getaddrinfo(host, None)[0][4][0])]


@pytest.fixture
def server():
    with library_server() as running:
        running.put("/x", b"secret")
        yield running


@pytest.fixture
def client():
    """Return a function that makes a client with a resolver and an internet."""
    opened = []

    def make(names, internet, **manners):
        network = CheckedNetwork(names, internet)
        made = PoliteClient(
            Manners("test", pause=0.0, **manners), wait=lambda _: None, network=network
        )
        opened.append(made)
        return made

    yield make
    for one in opened:
        one.__exit__(None, None, None)


def got(client, address):
    content = bytearray()
    client.read(address, 1000, content.extend)
    return bytes(content)


RESOLVED = {
    "inside.example": ["127.0.0.1"],
    "mixed.example": [PUBLIC, "127.0.0.1"],
    "mixed6.example": ["::ffff:10.0.0.1", PUBLIC],
    "localhost.": ["127.0.0.1"],
}
PAYLOADS = (
    "http://127.0.0.1", "http://localhost", "http://LOCALHOST", "http://localhost.",
    "http://127.1", "http://2130706433", "http://0x7f000001", "http://0x7f.1", "http://0177.0.0.1",
    "http://0", "http://0.0.0.0", "http://[::1]", "http://[::]", "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]", "http://[::127.0.0.1]", "http://[64:ff9b::7f00:1]",
    "http://[2002:7f00:1::]", "http://[fe80::1]", "http://[fd00::1]", "http://[fec0::1]",
    "http://[ff02::1]", "http://10.0.0.1", "http://192.168.0.1", "http://169.254.169.254",
    "http://100.64.0.1", "http://224.0.0.1", "http://255.255.255.255", "http://inside.example",
    "http://mixed.example", "http://mixed6.example", "http://user:word@127.0.0.1",
    "http://library.example@127.0.0.1", "http://library.example:80@127.0.0.1",
    "http://library.example\\@127.0.0.1", "http://127.0.0.1\\@inside.example",
    "http://127.0.0.1%00.library.example", "http://127.0.0.1%2f.library.example",
    "http://\uff11\uff12\uff17.0.0.1", "http://\u2460\u2461\u2466.0.0.1", "http://[::1%25lo]",
    "https://127.0.0.1", "file://127.0.0.1", "gopher://127.0.0.1", "//127.0.0.1",
)  # fmt: skip


def test_no_way_of_writing_an_address_leads_inside(server, client, subtests):
    assert len(PAYLOADS) >= 25
    port = server.base.rpartition(":")[2]
    for payload in PAYLOADS:
        with subtests.test(payload):
            names, internet = Names({k: repeat(v) for k, v in RESOLVED.items()}), Internet()
            asking = client(names, internet)
            asking.trust("http://library.example")
            with pytest.raises(FetchFailed, match=f"{INSIDE}|is no .*address"):
                got(asking, f"{payload}:{port}/x")
            assert (internet.asked, server.asked, len(names.asked) <= 1) == ([], {}, True)


def test_a_name_that_leads_inside_a_moment_later_leads_nowhere(server, client):
    answers = chain([[PUBLIC]], repeat(["127.0.0.1"]))
    names, internet = Names({"rebound.example": answers}), Internet()
    asking = client(names, internet)
    address = server.base.replace("127.0.0.1", "rebound.example")
    assert got(asking, f"{address}/x") == b"secret"
    assert (internet.asked, names.asked) == ([PUBLIC], ["rebound.example"])
    assert server.hosts == {address.removeprefix("http://")}
    with pytest.raises(FetchFailed, match=INSIDE):
        got(asking, f"{address}/x")
    assert (internet.asked, server.asked) == ([PUBLIC], {"/x": 1})


def test_each_redirect_is_checked_anew(server, client, subtests):
    port = server.base.rpartition(":")[2]
    for case, target, reason in (
        ("loopback", f"http://127.0.0.1:{port}/x", "leads to another host"),
        ("a name", f"http://inside.example:{port}/x", "leads to another host"),
        ("the same name, rebound", "/x", INSIDE),
    ):
        with subtests.test(case):
            server.put("/moved", Answer(status=302, headers={"location": target}))
            server.asked.clear()
            answers = chain([[PUBLIC]], repeat(["127.0.0.1"]))
            names, internet = Names({"rebound.example": answers}), Internet()
            with pytest.raises(FetchFailed, match=reason):
                got(client(names, internet), f"http://rebound.example:{port}/moved")
            assert (internet.asked, server.asked) == ([PUBLIC], {"/moved": 1})


def test_a_host_that_a_person_named_may_be_inside(server, client):
    names = Names({"inside.example": repeat(["10.0.0.9"])})
    address = server.base.replace("127.0.0.1", "inside.example")
    named, allowed = client(names, Internet()), client(names, Internet(), hosts=(address[7:],))
    named.trust(address)
    assert got(named, f"{address}/x") == got(allowed, f"{address}/x") == b"secret"


def test_an_address_that_does_not_answer_gives_way_to_the_next(server, client):
    internet = Internet(down=[OTHER])
    asking = client(Names({"library.example": repeat([OTHER, PUBLIC])}), internet)
    address = server.base.replace("127.0.0.1", "library.example")
    assert got(asking, f"{address}/x") == b"secret"
    assert internet.asked == [OTHER, PUBLIC]


def test_tls_asks_for_the_name_and_not_for_the_address(client, tmp_path, monkeypatch):
    certificate = _certificate("library.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    asked = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with library_server(context) as server:
        server.put("/x", b"secret")
        port = server.base.rpartition(":")[2]
        names = Names({n: repeat([PUBLIC]) for n in ("library.example", "other.example")})
        asking = client(names, Internet())
        assert got(asking, f"https://library.example:{port}/x") == b"secret"
        with pytest.raises(FetchFailed, match="certificate"):
            got(asking, f"https://other.example:{port}/x")
    assert asked[:2] == ["library.example", "other.example"]


def _certificate(name, folder):
    """Return a file with a new key and its certificate of a name."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password)
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(pem))
    return file


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True), (OTHER, True), ("::ffff:93.184.216.34", True),
        ("64:ff9b::5db8:d822", True), ("64:ff9b:1::a00:1", False), ("2002:a00:1::", False),
        ("2001:db8::1", False), ("fe80::1%eth0", False), ("ff0e::1", False),
        ("240.0.0.1", False), ("198.18.0.1", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address, public):
    assert is_public(address) is public
